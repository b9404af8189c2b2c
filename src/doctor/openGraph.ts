import { setTimeout as delay } from 'node:timers/promises';
import {
  type AdministratorOptions,
  type AdministratorWay,
  signInAdministrator,
} from '../entra/terminal/administrator.ts';
import { readRegistrationConfig } from '../registration/config.ts';
import { GraphClient } from '../registration/GraphClient.ts';
import type { Environment } from '../runtime/settings.ts';

/** Consent has no permission of its own for reading that is less than this; the doctor reads only. */
const permissions = [
  'Application.Read.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'EventListener.Read.All',
  'Organization.Read.All',
];

const inSettings = { tenant: undefined, isLocal: false };

/**
 * Microsoft Graph of the tenant in the settings, with the token in GRAPH_ACCESS_TOKEN or that of an administrator who
 * signs in now.
 * @throws {AdministratorNotSignedIn}
 * @throws {SettingsError} when the settings name no tenant
 */
export async function openGraph(
  environment: Environment,
  way: AdministratorWay,
  dependencies: Omit<AdministratorOptions, 'tenant' | 'permissions'>,
): Promise<GraphClient> {
  const { tenant, graphUrl, graphToken } = readRegistrationConfig(environment, inSettings);
  const token = graphToken ?? (await signInAdministrator(way, { ...dependencies, tenant, permissions }));
  return new GraphClient({
    baseUrl: graphUrl,
    accessToken: async () => token,
    http: dependencies.http,
    // A pause must not keep the doctor once all else is told.
    wait: (ms) => delay(ms, undefined, { ref: false }),
  });
}
