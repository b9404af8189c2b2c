import { type Request, type RequestHandler, Router } from 'express';
import { AadstsError } from './AadstsError.ts';
import { sendErrorPage, traceOf } from './authorize/authorizeEndpoint.ts';
import { devicePaths, endpointPaths } from './entraDialect.ts';
import type { Tenant } from './state/tenant.ts';
import { sendErrorJson } from './token/tokenEndpoint.ts';

/** Paths can begin with the tenant's domain instead of its GUID. Metadata and answers still name the GUID. */
export function domainAsGuid({ config }: Tenant): RequestHandler {
  const domain = `/${config.subdomain}.onmicrosoft.com/`;
  return (request, _response, next) => {
    if (request.url.slice(0, domain.length).toLowerCase() === domain) {
      request.url = `/${config.tenantId}/${request.url.slice(domain.length)}`;
    }
    next();
  };
}

/**
 * Refuses methods that the protocol's endpoints do not take: programs get JSON, browsers a page.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes AADSTS900561
 */
export function wrongMethods(tenant: Tenant): Router {
  const paths = endpointPaths(tenant.config);
  const accept =
    (allowed: string): RequestHandler =>
    async (request, response) => {
      const verbs = `only accepts ${allowed} requests. Received a ${request.method} request`;
      const error = new AadstsError(900561, verbs);
      response.set('Allow', allowed);
      const isBrowser = request.accepts(['json', 'html']) === 'html';
      if (isBrowser) return sendErrorPage(response, error, traceOf(tenant, request), 405);
      sendErrorJson(tenant, request, response.status(405), error);
    };
  return Router()
    .all([paths.metadata, paths.keys], accept('GET'))
    .all([paths.token, paths.deviceCode], accept('POST'))
    .all([paths.authorize, paths.logout, devicePaths(tenant.config).page], accept('GET, POST'));
}

/**
 * Refuses tenants that do not exist, including `common` and `organizations`.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes AADSTS90002
 */
export function unknownTenants(tenant: Tenant): Router {
  const refusal = ({ params }: Request) => new AadstsError(90002, String(params.name));
  const answerJson =
    (changes: object): RequestHandler =>
    (request, response) =>
      sendErrorJson(tenant, request, response.status(400), refusal(request), changes);
  return Router()
    .all(['/:name/oauth2/v2.0/authorize', '/:name/oauth2/v2.0/logout'], (request, response) =>
      sendErrorPage(response, refusal(request), traceOf(tenant, request)),
    )
    .all(['/:name/oauth2/v2.0/token', '/:name/oauth2/v2.0/devicecode'], answerJson({}))
    .all(
      ['/:name/v2.0/.well-known/openid-configuration', '/:name/discovery/v2.0/keys'],
      answerJson({ error: 'invalid_tenant' }),
    );
}
