import { z } from 'zod';
import { type Environment, guid, httpUrl, parseSettings, port, tenantSubdomain } from './runtime/settings.ts';

export const tenantSettings = z.object({
  PORT: port.optional(),
  BASE_URL: httpUrl.optional(),
  TENANT_SUBDOMAIN: tenantSubdomain.default('contoso'),
  TENANT_ID: guid.default('7c1f5d3a-94b2-4e0c-8a6d-2f5b9e3c1d70'),
  TENANT_FILE: z.string().trim().optional(),
  TENANT_EMPTY: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
  TENANT_TLS: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
  TENANT_HOSTS: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
});

export type TenantConfig = Readonly<ReturnType<typeof readTenantConfig>>;

/** @throws {SettingsError} naming every problem at once */
export function readTenantConfig(environment: Environment) {
  const settings = parseSettings(tenantSettings.superRefine(checkTogether), environment);
  const hasEntraNames = settings.TENANT_HOSTS === '1';
  const hasOwnTls = settings.TENANT_TLS === '1' || hasEntraNames;
  const listenPort = settings.PORT ?? (hasEntraNames ? 443 : 3002);
  const portSuffix = listenPort === 443 ? '' : `:${listenPort}`;
  const ownOrigin = hasEntraNames
    ? `https://${settings.TENANT_SUBDOMAIN}.ciamlogin.com${portSuffix}`
    : `${hasOwnTls ? 'https' : 'http'}://localhost:${listenPort}`;
  return {
    port: listenPort,
    /** The public origin. The endpoints in the metadata begin with it. */
    baseUrl: settings.BASE_URL ?? ownOrigin,
    /** Further origins at which clients reach it: with Entra's names, that of the tenant's GUID. */
    aliases: hasEntraNames ? [`https://${settings.TENANT_ID}.ciamlogin.com${portSuffix}`] : [],
    /** Whether it answers under Entra's own host names, for which the hosts file names its address. */
    hasEntraNames,
    /** `contoso` of contoso.ciamlogin.com and contoso.onmicrosoft.com. */
    subdomain: settings.TENANT_SUBDOMAIN,
    tenantId: settings.TENANT_ID,
    /** The file with the tenant's apps and customers; undefined: the seed is used. */
    tenantFile: settings.TENANT_FILE,
    /** Whether the tenant starts without apps and APIs; a file overrides it. */
    isEmpty: settings.TENANT_EMPTY === '1',
    /** Whether the tenant itself speaks TLS; not needed behind a TLS proxy. */
    hasOwnTls,
  };
}

function checkTogether(settings: z.output<typeof tenantSettings>, context: z.RefinementCtx): void {
  const { PORT, BASE_URL, TENANT_TLS, TENANT_HOSTS } = settings;
  const refuse = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  if (TENANT_TLS === '1' && BASE_URL?.startsWith('http:'))
    refuse('BASE_URL', 'must be https with TENANT_TLS=1 or --tls');
  if (TENANT_HOSTS === '1' && BASE_URL !== undefined)
    refuse('BASE_URL', "must not be set with TENANT_HOSTS=1 or --hosts, which use Entra's names");
  if (PORT === 0 && BASE_URL === undefined)
    refuse('PORT', 'must not be 0 without BASE_URL, because the metadata names it');
}
