import { z } from 'zod';
import { checked, type GraphClient, GraphError } from '../registration/GraphClient.ts';

/* The parts of Microsoft Graph's answers that the checks read. */

const uris = z.object({ redirectUris: z.array(z.string()).default([]) }).nullish();
const scope = z.object({ value: z.string().nullish(), isEnabled: z.boolean().default(true) });
const secret = z.object({ hint: z.string().nullish(), endDateTime: z.string().nullish() });

/** @see https://learn.microsoft.com/graph/api/resources/application */
const application = z.object({
  identifierUris: z.array(z.string()).default([]),
  isFallbackPublicClient: z.boolean().nullish(),
  api: z
    .object({
      requestedAccessTokenVersion: z.number().nullish(),
      oauth2PermissionScopes: z.array(scope).default([]),
    })
    .nullish(),
  web: uris,
  spa: uris,
  publicClient: uris,
  passwordCredentials: z.array(secret).default([]),
});

const principal = z.object({ id: z.string() });
/** @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
const grant = z.object({ resourceId: z.string(), consentType: z.string(), scope: z.string().nullish() });
const flow = z.object({ displayName: z.string().nullish() });
/** @see https://learn.microsoft.com/graph/api/resources/organization */
const organization = z.object({ id: z.string().toLowerCase(), tenantType: z.string().nullish() });

export type DirectoryReader = Pick<GraphClient, 'find' | 'list'>;
export type Application = z.output<typeof application>;

/** An app and what it was granted. */
export interface DirectoryApp {
  readonly application: Application;
  /** The object id of its service principal. */
  readonly principalId: string | undefined;
  /** Consent for all customers: permissions by the resource's service principal. */
  readonly consent: ReadonlyMap<string, readonly string[]>;
  /** The names of its user flows; undefined if the administrator may not read them. */
  readonly userFlows: readonly string[] | undefined;
}

/** @throws {GraphError} */
export async function readOrganization(graph: DirectoryReader): Promise<z.output<typeof organization>> {
  const [found] = await graph.list('/organization');
  return checked(organization, found);
}

/** The object id of an app's service principal. @throws {GraphError} */
export async function readPrincipalId(graph: DirectoryReader, appId: string): Promise<string | undefined> {
  return checked(principal.optional(), await graph.find(`/servicePrincipals(appId='${appId}')`))?.id;
}

/** The app with this client ID. @throws {GraphError} */
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
  const grants = (await graph.list(`/oauth2PermissionGrants?$filter=${filter}`)).map((entry) => checked(grant, entry));
  const forAll = grants.filter(({ consentType }) => consentType === 'AllPrincipals');
  return new Map(forAll.map((each) => [each.resourceId, (each.scope ?? '').split(' ')]));
}

/** @see https://learn.microsoft.com/graph/api/identitycontainer-list-authenticationeventsflows */
async function readUserFlows(graph: DirectoryReader, appId: string): Promise<string[] | undefined> {
  const type = 'microsoft.graph.externalUsersSelfServiceSignUpEventsFlow';
  const filter = `${type}/conditions/applications/includeApplications/any(appId:appId/appId eq '${appId}')`;
  try {
    const flows = await graph.list(`/identity/authenticationEventsFlows?$filter=${encodeURIComponent(filter)}`);
    return flows.map((entry) => checked(flow, entry).displayName ?? 'without a name');
  } catch (error) {
    // User flows need another role than apps; the other checks go on without them.
    if (error instanceof GraphError && error.status === 403) return undefined;
    throw error;
  }
}
