import { decodeJwt } from 'jose';
import { z } from 'zod';
import { tenantAuthority, tenantFields } from '../entra/authority.ts';
import { fetchMetadata } from '../entra/MetadataSource.ts';
import type { AdministeredTenant } from '../entra/terminal/administrator.ts';
import { NotDone, UsageError } from '../entra/terminal/CommandError.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import { type Environment, parseSettings } from '../runtime/settings.ts';
import type { CommandOptions } from './readArguments.ts';

const { TENANT_SUBDOMAIN, TENANT_ID, METADATA_URL } = tenantFields;

/** The settings that name the tenant; `.env.sample` explains each. */
export const registrationSettings = z.object({
  TENANT_SUBDOMAIN: TENANT_SUBDOMAIN.optional(),
  TENANT_ID,
  METADATA_URL,
  GRAPH_ACCESS_TOKEN: z.string().trim().optional(),
});

export interface RegistrationConfig {
  readonly tenant: AdministeredTenant;
  readonly graphUrl: string;
  /** A token for Graph, in place of a sign-in. */
  readonly graphToken: string | undefined;
}

/** By its domain, because a local tenant can have another id. */
const localTenant = 'http://localhost:3002/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration';
/** External ID exists in the public cloud only. @see https://learn.microsoft.com/graph/deployments */
const publicGraphUrl = 'https://graph.microsoft.com/v1.0';

/**
 * Finds the tenant: the one in the arguments, else the one in the settings.
 * @param environment the process's variables, which override those of `.env`
 * @throws {UsageError} if neither names a tenant
 * @throws {SettingsError}
 */
export function readRegistrationConfig(
  environment: Environment,
  { tenant, isLocal }: Pick<CommandOptions, 'tenant' | 'isLocal'>,
): RegistrationConfig {
  const settings = parseSettings(registrationSettings, environment);
  const graphToken = settings.GRAPH_ACCESS_TOKEN;
  // Cleanup and rotate after a configure with --local need no --local, because .env has METADATA_URL.
  const metadataUrl = isLocal ? (settings.METADATA_URL ?? localTenant) : settings.METADATA_URL;
  if (tenant === undefined && metadataUrl !== undefined) {
    const local = { subdomain: 'contoso', metadataUrl };
    const graphUrl = `${tenantAuthority(local).origin}/graph/v1.0`;
    return { tenant: { kind: 'local', settings: local }, graphUrl, graphToken };
  }
  const subdomain = settings.TENANT_SUBDOMAIN;
  const name = tenant ?? settings.TENANT_ID ?? (subdomain && `${subdomain}.onmicrosoft.com`);
  if (name === undefined) throw new UsageError('Name the tenant: --tenant with its GUID or a domain, or --local.');
  return { tenant: { kind: 'real', name }, graphUrl: publicGraphUrl, graphToken };
}

/**
 * `GRAPH_ACCESS_TOKEN`. The local tenant gets its own token only: another program may listen on its port.
 * @throws {NotDone} for a token of another tenant
 */
export async function givenToken(
  { tenant, graphToken }: Pick<RegistrationConfig, 'tenant' | 'graphToken'>,
  http: HttpClient,
): Promise<string | undefined> {
  if (graphToken === undefined || tenant.kind === 'real') return graphToken;
  const { issuer } = await fetchMetadata(tenant.settings, http);
  if (issuerOf(graphToken) === issuer) return graphToken;
  throw new NotDone(
    'GRAPH_ACCESS_TOKEN is not from the local tenant, so it was not sent there. Remove it, and sign in.',
  );
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
