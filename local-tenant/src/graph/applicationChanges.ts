import { randomUUID } from 'node:crypto';
import { readCertificate } from '../registrations/readCertificate.ts';
import type { Tenant } from '../state/tenant.ts';
import { applicationBody, type KeyCredentialBody } from './applicationSchema.ts';
import { alreadyThere, badRequest, GraphProblem } from './GraphProblem.ts';
import { readChanges } from './requests.ts';
import { type Application, application, type Entitlement } from './resources.ts';

export function createdApplication(tenant: Tenant, body: unknown): Application {
  const blank = application.parse({
    id: randomUUID(),
    appId: randomUUID(),
    displayName: 'Unnamed',
    createdDateTime: tenant.clock.now().toISOString(),
  });
  const created = changedApplication(tenant, blank, body);
  if (Object(body).displayName === undefined) throw badRequest("The property 'displayName' is missing.");
  return created;
}

/**
 * An application after a POST or PATCH. Sent properties replace stored ones; `api` and `web` are merged.
 * @throws {GraphProblem} 400 or 409
 * @see https://learn.microsoft.com/graph/api/application-update
 */
export function changedApplication(tenant: Tenant, stored: Application, body: unknown): Application {
  const sent: Record<string, unknown> = { ...Object(body) };
  const api = merged(stored.api, sent.api);
  const web = merged(stored.web, sent.web);
  const { keyCredentials, ...changes } = readChanges(applicationBody, stored, { ...sent, api, web });
  checkNames(tenant, stored, changes);
  const storedKeys = stored.keyCredentials;
  const changed = { ...stored, ...changes, keyCredentials: keyCredentials.map((key) => storedKey(storedKeys, key)) };
  checkEntitlements('oauth2PermissionScopes', stored.api.oauth2PermissionScopes, changed.api.oauth2PermissionScopes);
  checkEntitlements('appRoles', stored.appRoles, changed.appRoles);
  if (Object(sent.api).preAuthorizedApplications !== undefined) checkPreAuthorized(tenant, stored, changed);
  return changed;
}

/** A value that is not an object is left for the schema to refuse. */
function merged(stored: object, sent: unknown): unknown {
  const isObject = typeof sent === 'object' && sent !== null && !Array.isArray(sent);
  return isObject || sent === undefined ? { ...stored, ...Object(sent) } : sent;
}

type Names = Pick<Application, 'uniqueName' | 'identifierUris'>;

function checkNames({ config, directory }: Tenant, stored: Application, { uniqueName, identifierUris }: Names): void {
  const others = directory.all('applications').filter(({ id }) => id !== stored.id);
  const isRenamed = stored.uniqueName !== null && uniqueName !== stored.uniqueName;
  if (isRenamed) throw badRequest("The property 'uniqueName' can be set once.");
  const isTaken = uniqueName !== null && others.some((other) => other.uniqueName === uniqueName);
  if (isTaken) throw alreadyThere('uniqueName');
  const { tenantId, subdomain } = config;
  // https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
  const secure = [`api://${stored.appId}`, `api://${tenantId}/${stored.appId}`, `https://${subdomain}.onmicrosoft.com`];
  for (const uri of identifierUris.filter((one) => !stored.identifierUris.includes(one))) {
    if (!secure.some((start) => uri === start || uri.startsWith(`${start}/`))) {
      throw badRequest(`The identifier URI '${uri}' must begin with one of: ${secure.join(', ')}.`);
    }
    if (others.some((other) => other.identifierUris.includes(uri))) throw alreadyThere('identifierUris');
  }
}

/** A permission that apps may be using must be disabled before it is changed or removed. */
function checkEntitlements(property: string, before: readonly Entitlement[], after: readonly Entitlement[]): void {
  for (const key of ['id', 'value'] as const) {
    const values = after.map((entitlement) => entitlement[key]).filter((value) => value !== null);
    if (new Set(values).size < values.length) throw badRequest(`Property ${property} has the same ${key} twice.`);
  }
  const isBroken = before.some(({ id, value, isEnabled }) => {
    const kept = after.find((entitlement) => entitlement.id === id);
    return isEnabled && kept?.value !== value;
  });
  if (!isBroken) return;
  throw new GraphProblem(
    400,
    'CannotDeleteOrUpdateEnabledEntitlement',
    `Permission (scope or role) cannot be deleted or updated unless disabled first. Property: ${property}.`,
  );
}

/** The client and the permissions must exist before the request that names them. */
function checkPreAuthorized({ directory }: Tenant, stored: Application, { api }: Application): void {
  for (const { appId, delegatedPermissionIds } of api.preAuthorizedApplications) {
    if (!directory.all('applications').some((other) => other.appId === appId)) {
      throw badRequest(`Property api.preAuthorizedApplications names the app '${appId}', which does not exist.`);
    }
    const unknown = delegatedPermissionIds.find(
      (id) => !stored.api.oauth2PermissionScopes.some((scope) => scope.id === id),
    );
    if (unknown) throw badRequest(`Property api.preAuthorizedApplications names the unknown permission '${unknown}'.`);
  }
}

type StoredKey = Application['keyCredentials'][number];

/** An entry without `key` keeps the stored one. @see https://learn.microsoft.com/graph/api/resources/keycredential */
function storedKey(storedKeys: readonly StoredKey[], sent: KeyCredentialBody): StoredKey {
  const stored = storedKeys.find(({ keyId }) => keyId === sent.keyId);
  const key = sent.key ?? stored?.key;
  const certificate = key && readCertificate(key);
  if (!key || !certificate) throw badRequest("A new entry of 'keyCredentials' needs its 'key'.");
  return {
    keyId: sent.keyId ?? randomUUID(),
    type: sent.type,
    usage: sent.usage,
    key,
    displayName: sent.displayName ?? stored?.displayName ?? certificate.subject.replaceAll('\n', ', '),
    customKeyIdentifier: certificate.fingerprint.replaceAll(':', ''),
    startDateTime: sent.startDateTime ?? stored?.startDateTime ?? new Date(certificate.validFrom).toISOString(),
    endDateTime: sent.endDateTime ?? stored?.endDateTime ?? new Date(certificate.validTo).toISOString(),
  };
}
