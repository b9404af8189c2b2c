import { z } from 'zod';
import { checked, type GraphClient, GraphError } from '../registration/GraphClient.ts';

/*
 * What an administrator sees of the registrations in Microsoft Graph, as far as the checks look at it.
 */

const uris = z.object({ redirectUris: z.array(z.string()).default([]) }).nullish();

const credential = z.object({ hint: z.string().nullish(), endDateTime: z.string().nullish() });

/** @see https://learn.microsoft.com/graph/api/resources/application */
const application = z.object({
  identifierUris: z.array(z.string()).default([]),
  isFallbackPublicClient: z.boolean().nullish(),
  api: z
    .object({
      requestedAccessTokenVersion: z.number().nullish(),
      oauth2PermissionScopes: z
        .array(z.object({ value: z.string().nullish(), isEnabled: z.boolean().default(true) }))
        .default([]),
    })
    .nullish(),
  web: uris,
  spa: uris,
  publicClient: uris,
  passwordCredentials: z.array(credential).default([]),
});

const principal = z.object({ id: z.string() });
/** @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
const grant = z.object({ resourceId: z.string(), consentType: z.string(), scope: z.string().nullish() });
const flow = z.object({ displayName: z.string().nullish() });
/** @see https://learn.microsoft.com/graph/api/resources/organization */
const organization = z.object({ id: z.string().toLowerCase(), tenantType: z.string().nullish() });

export type DirectoryReader = Pick<GraphClient, 'find' | 'list'>;
export type Application = z.output<typeof application>;

/** An app with what it is allowed. */
export interface DirectoryApp {
  readonly application: Application;
  /** The object id of its service principal. */
  readonly principalId: string | undefined;
  /** What an administrator has consented to for everybody: permissions by the resource's service principal. */
  readonly consent: ReadonlyMap<string, readonly string[]>;
  /** The names of the user flows that its customers go through; undefined if the administrator may not see them. */
  readonly userFlows: readonly string[] | undefined;
}

/** @throws {GraphError} */
export async function readOrganization(graph: DirectoryReader): Promise<z.output<typeof organization>> {
  const [found] = await graph.list('/organization');
  return checked(organization, found);
}

/** The object id of an app's service principal. @throws {GraphError} */
export async function readPrincipalId(graph: DirectoryReader, appId: string): Promise<string | undefined> {
  const found = await graph.find(`/servicePrincipals(appId='${appId}')`);
  return found === undefined ? undefined : checked(principal, found).id;
}

/** An app by its client id, or undefined if nobody registered it. @throws {GraphError} */
export async function readApp(graph: DirectoryReader, appId: string): Promise<DirectoryApp | undefined> {
  const [found, principalId, userFlows] = await Promise.all([
    graph.find(`/applications(appId='${appId}')`),
    readPrincipalId(graph, appId),
    readUserFlows(graph, appId),
  ]);
  if (found === undefined) return undefined;
  const consent = principalId === undefined ? new Map() : await readConsent(graph, principalId);
  return { application: checked(application, found), principalId, consent, userFlows };
}

async function readConsent(graph: DirectoryReader, principalId: string): Promise<Map<string, readonly string[]>> {
  const filter = encodeURIComponent(`clientId eq '${principalId}'`);
  const grants = await graph.list(`/oauth2PermissionGrants?$filter=${filter}`);
  const forEverybody = grants
    .map((entry) => checked(grant, entry))
    .filter(({ consentType }) => consentType === 'AllPrincipals');
  return new Map(forEverybody.map(({ resourceId, scope }) => [resourceId, (scope ?? '').split(' ')]));
}

/** @see https://learn.microsoft.com/graph/api/identitycontainer-list-authenticationeventsflows */
async function readUserFlows(graph: DirectoryReader, appId: string): Promise<string[] | undefined> {
  const type = 'microsoft.graph.externalUsersSelfServiceSignUpEventsFlow';
  const filter = `${type}/conditions/applications/includeApplications/any(appId:appId/appId eq '${appId}')`;
  try {
    const flows = await graph.list(`/identity/authenticationEventsFlows?$filter=${encodeURIComponent(filter)}`);
    return flows.map((entry) => checked(flow, entry).displayName ?? 'without a name');
  } catch (error) {
    // Another role than that for apps; the rest can be told without it.
    if (error instanceof GraphError && error.status === 403) return undefined;
    throw error;
  }
}
