import type { TenantConfig } from './config.ts';
import { endpointPaths } from './entraDialect.ts';
import { type ApiRegistration, type AppRegistration, parseDocument } from './registrations/document.ts';
import { seed } from './seed.ts';

/** What a tenant's settings are made of. */
interface Registered {
  readonly apps: readonly AppRegistration[];
  readonly apis: readonly ApiRegistration[];
}

/**
 * The settings with which the web app and the API use this tenant, by their names in the environment: those of its
 * first app with a secret and a redirect URI, and of its first API.
 * @param registrations default: the seed's
 */
export function appSettings(
  config: TenantConfig,
  { apps, apis }: Registered = parseDocument(seed),
): Readonly<Record<string, string>> {
  const app = apps.find(({ secrets, redirectUris }) => secrets.length > 0 && redirectUris.length > 0);
  const apiClientId = apis[0]?.clientId ?? '';
  return {
    TENANT_SUBDOMAIN: config.subdomain,
    TENANT_ID: config.tenantId,
    METADATA_URL: `${config.baseUrl}${endpointPaths(config).metadata}`,
    CLIENT_ID: app?.clientId ?? '',
    CLIENT_SECRET: app?.secrets[0]?.value ?? '',
    API_CLIENT_ID: apiClientId,
    TODO_API_CLIENT_ID: apiClientId,
    ALLOWED_CLIENT_IDS: apps.map(({ clientId }) => clientId).join(','),
  };
}
