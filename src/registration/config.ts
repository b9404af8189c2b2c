import { z } from 'zod';
import { tenantAuthority, tenantFields } from '../entra/authority.ts';
import type { AdministeredTenant } from '../entra/terminal/administrator.ts';
import { type Environment, parseSettings } from '../runtime/settings.ts';
import type { SharedOptions } from './commandLine.ts';
import { UsageError } from './errors.ts';

const { TENANT_SUBDOMAIN, TENANT_ID, METADATA_URL } = tenantFields;

/** The settings from which the tenant is known; `.env.sample` explains each. */
export const registrationSettings = z.object({
  TENANT_SUBDOMAIN: TENANT_SUBDOMAIN.optional(),
  TENANT_ID,
  METADATA_URL,
  GRAPH_ACCESS_TOKEN: z.string().trim().optional(),
});

export interface RegistrationConfig {
  readonly tenant: AdministeredTenant;
  /** Where Microsoft Graph is. */
  readonly graphUrl: string;
  /** A token for Graph with which nobody need sign in. */
  readonly graphToken: string | undefined;
}

/** By its domain, because a local tenant may have been given another id. */
const localTenant = 'http://localhost:3002/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration';

/**
 * Finds the tenant: the one that the command names, else that of the settings.
 * @param environment the process's, over that of `.env`
 * @param graphUrl where a real tenant's Graph is
 * @throws {UsageError} when none is named
 * @throws {SettingsError}
 */
export function readRegistrationConfig(
  environment: Environment,
  { tenant, isLocal }: Pick<SharedOptions, 'tenant' | 'isLocal'>,
  graphUrl: string,
): RegistrationConfig {
  const settings = parseSettings(registrationSettings, environment);
  const graphToken = settings.GRAPH_ACCESS_TOKEN;
  // What was registered with --local is cleaned up, or rotated, without saying so again.
  const metadataUrl = isLocal ? (settings.METADATA_URL ?? localTenant) : settings.METADATA_URL;
  if (tenant === undefined && metadataUrl !== undefined) {
    const { origin } = tenantAuthority({ subdomain: 'contoso', metadataUrl });
    return {
      tenant: { kind: 'local', settings: { subdomain: 'contoso', metadataUrl } },
      ...{ graphUrl: `${origin}/graph/v1.0`, graphToken },
    };
  }
  const name = tenant ?? settings.TENANT_ID ?? domainOf(settings.TENANT_SUBDOMAIN);
  if (name === undefined) throw new UsageError('Say which tenant: --tenant with its GUID or domain, or --local.');
  return { tenant: { kind: 'real', name }, graphUrl, graphToken };
}

function domainOf(subdomain: string | undefined): string | undefined {
  return subdomain && `${subdomain}.onmicrosoft.com`;
}
