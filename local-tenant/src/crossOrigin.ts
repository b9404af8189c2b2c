import { type RequestHandler, Router } from 'express';
import { endpointPaths } from './entraDialect.ts';
import type { Tenant } from './state/tenant.ts';

/**
 * Lets the scripts of single-page apps read metadata, keys and tokens: those whose origin is that of a redirect URI.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redirect-uris-for-single-page-apps-spas
 */
export function crossOrigin({ config, registrations }: Pick<Tenant, 'config' | 'registrations'>): Router {
  const { metadata, keys, token } = endpointPaths(config);
  const allow: RequestHandler = (request, response, next) => {
    const { origin } = request.headers;
    response.vary('Origin');
    if (origin === undefined || !registrations.isSpaOrigin(origin)) return next();
    response.set('Access-Control-Allow-Origin', origin);
    if (request.method !== 'OPTIONS') return next();
    response.set({
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': request.get('access-control-request-headers') ?? '',
      'Access-Control-Max-Age': '600',
    });
    response.status(204).end();
  };
  return Router().all([metadata, keys, token], allow);
}
