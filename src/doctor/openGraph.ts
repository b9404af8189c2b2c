import { setTimeout as delay } from 'node:timers/promises';
import {
  type AdministratorOptions,
  type AdministratorWay,
  signInAdministrator,
} from '../entra/terminal/administrator.ts';
import { givenToken, readRegistrationConfig } from '../registration/config.ts';
import { GraphClient } from '../registration/GraphClient.ts';
import type { Environment } from '../runtime/settings.ts';

/** Graph has no narrower permission to read consent; the doctor only reads. */
const permissions = [
  'Application.Read.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'EventListener.Read.All',
  'Organization.Read.All',
];

/**
 * Opens Microsoft Graph for the tenant in the settings, with GRAPH_ACCESS_TOKEN or an administrator's sign-in.
 * @throws {AdministratorNotSignedIn}
 * @throws {NotDone} when the token is not one of the local tenant
 * @throws {UsageError} if the settings name no tenant
 */
export async function openGraph(
  environment: Environment,
  way: AdministratorWay,
  options: Omit<AdministratorOptions, 'tenant' | 'permissions'>,
): Promise<GraphClient> {
  const config = readRegistrationConfig(environment, { tenant: undefined, isLocal: false });
  const { tenant, graphUrl } = config;
  const token =
    (await givenToken(config, options.http)) ?? (await signInAdministrator(way, { ...options, tenant, permissions }));
  return new GraphClient({
    baseUrl: graphUrl,
    accessToken: async () => token,
    http: options.http,
    // A pause must not keep the process alive after the report.
    wait: (ms) => delay(ms, undefined, { ref: false }),
  });
}
