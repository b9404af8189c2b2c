import type { TenantConfig } from './config.ts';
import { endpointPaths } from './entraDialect.ts';
import { loopbackNames } from './ownHosts.ts';
import {
  type ApiRegistration,
  type AppRegistration,
  parseDocument,
  type WrittenCustomer,
} from './registrations/document.ts';
import { Registrations } from './registrations/Registrations.ts';
import { fileRemedy, readTenantFile } from './registrations/TenantFile.ts';
import { SettingsError } from './runtime/settings.ts';
import { seed } from './seed/seed.ts';

type AppSettings = Readonly<Record<string, string>>;

/**
 * The settings with which apps use this tenant, by their names in the environment. They name its first app with a
 * secret and a redirect URI, its first public client and its first API.
 */
export function appSettings(config: TenantConfig, { apps, apis }: Pick<Registrations, 'apps' | 'apis'>): AppSettings {
  const app = apps.find(({ secrets, redirectUris }) => secrets.length > 0 && redirectUris.length > 0);
  return settingsOf(config, apps, app, apis[0]);
}

const todoPermissions = ['ToDoList.Read', 'ToDoList.ReadWrite'];

/**
 * Reads the file or seed of a tenant that is not yet started. Finds the app with the web app's redirect URI and the API
 * that this app requests.
 * @throws {SettingsError} when the file cannot be used, or has no such app or API.
 */
export async function readTenantFacts(config: TenantConfig, redirectUri: string) {
  const { tenantFile } = config;
  const { document } = tenantFile === undefined ? { document: parseDocument(seed) } : await readTenantFile(tenantFile);
  const registrations = new Registrations(document);
  const { apps, apis } = registrations;
  const refuse = (what: string) => new SettingsError([`${tenantFile} has no ${what}`], fileRemedy);
  const candidates = apps.filter(
    ({ clientId, secrets }) => secrets.length > 0 && registrations.isRedirectUriOf(clientId, redirectUri),
  );
  // Other web apps on this machine match as well, because the port of http://localhost is ignored.
  const app = candidates.find(({ redirectUris }) => redirectUris.includes(redirectUri)) ?? candidates[0];
  if (!app) throw refuse(`app with a secret and the redirect URI ${redirectUri}, which the web app needs`);
  const api = apis.find((candidate) => {
    const asked = registrations.requiredPermissions(app, candidate);
    const isNamedAsAsked = candidate.identifierUri === `api://${candidate.clientId}`;
    return isNamedAsAsked && todoPermissions.every((name) => asked.includes(name));
  });
  if (!api) {
    const names = todoPermissions.join(' and ');
    throw refuse(`API with the identifierUri api://{its clientId} whose ${names} the app ${app.clientId} asks for`);
  }
  return { settings: settingsOf(config, apps, app, api), signIns: describeSignIns(document.customers) };
}

/** Describes the first ten customers or administrators, one text for each password in clear. */
export function describeSignIns(
  customers: readonly WrittenCustomer[],
  kind: 'customers' | 'administrators' = 'customers',
): string[] {
  const isAdministrator = ({ directoryRoles = [] }: WrittenCustomer) => directoryRoles.length > 0;
  const chosen = customers.filter((customer) => isAdministrator(customer) === (kind === 'administrators'));
  const emails = new Map<string, string[]>();
  for (const { email, password } of chosen.slice(0, 10)) {
    if (password !== undefined) emails.set(password, [...(emails.get(password) ?? []), email]);
  }
  return [...emails].map(([password, list]) => `${list.join(' or ')} with the password ${password}`);
}

/**
 * How apps find the tenant: at Entra's own host they need no more than its names, at another one the domain, and on this
 * machine the metadata's address, which they accept for no other host.
 */
function addressSettings(config: TenantConfig): AppSettings {
  const { hostname, host } = new URL(config.baseUrl);
  if (loopbackNames.includes(hostname)) return { METADATA_URL: `${config.baseUrl}${endpointPaths(config).metadata}` };
  return host === `${config.subdomain}.ciamlogin.com` ? {} : { TENANT_DOMAIN: host };
}

function settingsOf(
  config: TenantConfig,
  apps: readonly AppRegistration[],
  app: AppRegistration | undefined,
  api: ApiRegistration | undefined,
): AppSettings {
  return {
    TENANT_SUBDOMAIN: config.subdomain,
    TENANT_ID: config.tenantId,
    ...addressSettings(config),
    CLIENT_ID: app?.clientId ?? '',
    CLIENT_SECRET: app?.secrets[0]?.value ?? '',
    HEADLESS_CLIENT_ID: apps.find(({ isPublicClient }) => isPublicClient)?.clientId ?? '',
    TODO_API_CLIENT_ID: api?.clientId ?? '',
    ALLOWED_CLIENT_IDS: apps.map(({ clientId }) => clientId).join(','),
  };
}
