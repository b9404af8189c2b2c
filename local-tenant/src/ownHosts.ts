import type { RequestHandler } from 'express';
import type { TenantConfig } from './config.ts';

export const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** The origins at which clients reach the tenant. Its answers name the one that was asked, as Entra's do. */
function ownOrigins({ baseUrl, aliases }: Pick<TenantConfig, 'baseUrl' | 'aliases'>): string[] {
  const { protocol, hostname, port } = new URL(baseUrl);
  const others = loopbackNames.includes(hostname) ? loopbackNames : [];
  const loopbacks = others.map((name) => `${protocol}//${name}${port && `:${port}`}`);
  return [...new Set([baseUrl, ...aliases, ...loopbacks])];
}

/** @param host the `Host` header; a proxy may replace it by a loopback name, and then the base URL is meant */
export function originOf(config: Pick<TenantConfig, 'baseUrl' | 'aliases'>, host: string | undefined): string {
  const asked = host?.toLowerCase();
  return ownOrigins(config).find((origin) => new URL(origin).host === asked) ?? config.baseUrl;
}

/**
 * Refuses requests under other names. A page of another site whose name was pointed at this machine would otherwise be
 * of the tenant's own origin, and could read its customers and codes.
 * @see https://datatracker.ietf.org/doc/html/rfc9110#name-421-misdirected-request
 */
export function ownHostsOnly(config: TenantConfig): RequestHandler {
  const own = ownOrigins(config).map((origin) => new URL(origin).host);
  return (request, response, next) => {
    const host = request.headers.host?.toLowerCase() ?? '';
    if (own.includes(host) || loopbackNames.includes(host.replace(/:\d+$/, ''))) return next();
    response.locals.refused = `the host ${host} is not this tenant's; expected ${own.join(' or ')}`;
    response
      .status(421)
      .type('text')
      .send(`This is the local tenant at ${config.baseUrl}. Set BASE_URL to use another name.\n`);
  };
}
