import { z } from 'zod';
import { guid, httpUrl, isLoopback, tenantSubdomain } from '../runtime/settings.ts';

/** The tenant's names, from the settings. */
export interface TenantSettings {
  readonly subdomain: string;
  readonly tenantId?: string | undefined;
  /** A custom URL domain: a host name. */
  readonly domain?: string | undefined;
  /** The local tenant's discovery document; a real tenant's follows from its names. */
  readonly metadataUrl?: string | undefined;
}

const hostName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/,
    'must be a host name alone, such as login.example.com',
  );

/** The settings that name a tenant; each program adds its own. */
export const tenantFields = {
  TENANT_SUBDOMAIN: tenantSubdomain,
  TENANT_ID: guid.optional(),
  TENANT_DOMAIN: hostName.optional(),
  METADATA_URL: httpUrl
    .pipe(z.string().refine(isLoopback, 'is for the local tenant only: it must be on localhost'))
    .optional(),
};

/** The settings that {@link tenantFields} read, as one value. */
export function tenantSettingsOf(settings: z.output<z.ZodObject<typeof tenantFields>>): TenantSettings {
  const { TENANT_SUBDOMAIN, TENANT_ID, TENANT_DOMAIN, METADATA_URL } = settings;
  return { subdomain: TENANT_SUBDOMAIN, tenantId: TENANT_ID, domain: TENANT_DOMAIN, metadataUrl: METADATA_URL };
}

/**
 * Names the tenant's discovery document and its origin: `https://contoso.ciamlogin.com`, `https://<custom domain>`, or the
 * local tenant's.
 * @see https://learn.microsoft.com/en-us/entra/external-id/customers/how-to-custom-url-domain
 */
export function tenantAuthority(settings: TenantSettings): { readonly origin: string; readonly metadataUrl: string } {
  const { subdomain, tenantId, domain, metadataUrl } = settings;
  if (metadataUrl) return { origin: new URL(metadataUrl).origin, metadataUrl };
  const origin = `https://${domain ?? `${subdomain}.ciamlogin.com`}`;
  const tenant = tenantId ?? `${subdomain}.onmicrosoft.com`;
  return { origin, metadataUrl: `${origin}/${tenant}/v2.0/.well-known/openid-configuration` };
}

/** Every origin of the tenant. With a custom URL domain, its own name works as well. */
export function tenantOrigins(settings: TenantSettings): string[] {
  const ownName = { ...settings, domain: undefined };
  return [...new Set([settings, ownName].map((names) => tenantAuthority(names).origin))];
}

/** The `iss` of the tenant's tokens. Its host is the tenant's id, whatever subdomain or custom domain is used. */
export function issuerOf(tenantId: string): string {
  return `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;
}
