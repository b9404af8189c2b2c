import { randomUUID } from 'node:crypto';
import { readCertificate } from '../registrations/certificate.ts';
import type { ApplicationBody } from './applicationSchema.ts';
import type { Graph } from './exchange.ts';
import { alreadyThere, badRequest, GraphProblem } from './GraphProblem.ts';
import { type Application, application } from './resources.ts';

/** @throws {GraphProblem} 400 or 409 */
export function createdApplication(graph: Graph, body: ApplicationBody): Application {
  if (body.displayName === undefined) throw badRequest("The property 'displayName' is missing.");
  const id = randomUUID();
  const empty = application.parse({
    id,
    appId: randomUUID(),
    displayName: body.displayName,
    createdDateTime: graph.tenant.clock.now().toISOString(),
  });
  return changedApplication(graph, empty, body);
}

/**
 * An application after a POST or PATCH: what is sent replaces what is there; of `api` and `web`, part by part.
 * @throws {GraphProblem} 400 or 409
 * @see https://learn.microsoft.com/graph/api/application-update
 */
export function changedApplication(graph: Graph, stored: Application, body: ApplicationBody): Application {
  const others = graph.tenant.directory.all('applications').filter(({ id }) => id !== stored.id);
  checkNames(graph, stored, body, others);
  const { keyCredentials, ...sent } = body;
  const changed = application.parse({
    ...stored,
    ...sent,
    api: { ...stored.api, ...body.api },
    web: { ...stored.web, ...body.web },
    keyCredentials: keyCredentials ? keyCredentials.map((key) => keptKey(stored, key)) : stored.keyCredentials,
  });
  checkEntitlements('oauth2PermissionScopes', stored.api.oauth2PermissionScopes, changed.api.oauth2PermissionScopes);
  checkEntitlements('appRoles', stored.appRoles, changed.appRoles);
  checkPreAuthorized(graph, stored, body);
  return changed;
}

function checkNames(
  { tenant }: Graph,
  { appId, uniqueName }: Application,
  body: ApplicationBody,
  others: Application[],
) {
  const isRenamed = body.uniqueName !== undefined && uniqueName !== null && body.uniqueName !== uniqueName;
  if (isRenamed) throw badRequest("The property 'uniqueName' can be set once.");
  const isTaken = body.uniqueName !== undefined && others.some((other) => other.uniqueName === body.uniqueName);
  if (isTaken) throw alreadyThere('uniqueName');
  const { tenantId, subdomain } = tenant.config;
  // https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
  const secure = [`api://${appId}`, `api://${tenantId}/${appId}`, `https://${subdomain}.onmicrosoft.com`];
  for (const uri of body.identifierUris ?? []) {
    if (!secure.some((start) => uri === start || uri.startsWith(`${start}/`))) {
      throw badRequest(`The identifier URI '${uri}' must begin with one of: ${secure.join(', ')}.`);
    }
    if (others.some(({ identifierUris }) => identifierUris.includes(uri))) throw alreadyThere('identifierUris');
  }
}

interface Entitlement {
  readonly id: string;
  readonly value: string | null;
  readonly isEnabled: boolean;
}

/** Permissions that apps may be using have to be disabled before they are changed or removed. */
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

/** The client and the permissions must be there before the request that names them. */
function checkPreAuthorized({ tenant }: Graph, stored: Application, { api }: ApplicationBody): void {
  for (const { appId, delegatedPermissionIds } of api?.preAuthorizedApplications ?? []) {
    if (!tenant.directory.all('applications').some((other) => other.appId === appId)) {
      throw badRequest(`Property api.preAuthorizedApplications names the app '${appId}', which does not exist.`);
    }
    const unknown = delegatedPermissionIds.find(
      (id) => !stored.api.oauth2PermissionScopes.some((scope) => scope.id === id),
    );
    if (unknown) throw badRequest(`Property api.preAuthorizedApplications names the unknown permission '${unknown}'.`);
  }
}

/** One that is sent without its key stays as it is. @see https://learn.microsoft.com/graph/api/resources/keycredential */
function keptKey(
  { keyCredentials }: Application,
  sent: NonNullable<ApplicationBody['keyCredentials']>[number],
): Application['keyCredentials'][number] {
  const stored = keyCredentials.find(({ keyId }) => keyId === sent.keyId);
  const key = sent.key ?? stored?.key;
  const certificate = key && readCertificate(key);
  if (!key || !certificate) throw badRequest("A new entry of 'keyCredentials' needs its 'key'.");
  const isNew = sent.key !== null && sent.key !== undefined;
  return {
    keyId: sent.keyId ?? randomUUID(),
    type: sent.type,
    usage: sent.usage,
    key,
    displayName: sent.displayName ?? stored?.displayName ?? certificate.subject.replaceAll('\n', ', '),
    customKeyIdentifier: isNew ? certificate.fingerprint.replaceAll(':', '') : (stored?.customKeyIdentifier ?? null),
    startDateTime: sent.startDateTime ?? stored?.startDateTime ?? new Date(certificate.validFrom).toISOString(),
    endDateTime: sent.endDateTime ?? stored?.endDateTime ?? new Date(certificate.validTo).toISOString(),
  };
}
