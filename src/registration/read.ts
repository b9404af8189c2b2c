import { checked, type GraphClient, GraphError } from './GraphClient.ts';
import {
  type Application,
  application,
  type Grant,
  grant,
  graphAppId,
  organization,
  type ServicePrincipal,
  servicePrincipal,
  type UserFlow,
  userFlow,
} from './graphSchemas.ts';
import { type AppName, appNames, type Manifest, uniqueNameOf } from './manifest.ts';

export interface TenantNames {
  readonly id: string;
  readonly subdomain: string;
  readonly displayName: string;
  /** `CIAM` for an external tenant, `AAD` for a workforce tenant. */
  readonly tenantType?: string | null | undefined;
}

/** One of our applications, with its service principal and what it was granted. */
export interface RegisteredApp {
  readonly application: Application;
  readonly servicePrincipal: ServicePrincipal | undefined;
  /** Consent for all customers. */
  readonly grants: readonly Grant[];
  /** The user flow of the app's customers. */
  readonly userFlow: UserFlow | undefined;
}

/** What the tenant has of what the manifest describes. */
export interface TenantState extends Readonly<Record<AppName, RegisteredApp | undefined>> {
  readonly tenant: TenantNames;
  /** The object id of Graph's service principal. */
  readonly graphId: string;
  readonly userFlow: UserFlow | undefined;
  /** Our deleted applications. Entra keeps them for 30 days, and their unique names stay taken. */
  readonly deleted: readonly Application[];
}

/** @throws {GraphError} */
export async function readTenantState(graph: GraphClient, manifest: Manifest): Promise<TenantState> {
  const [tenant, graphId, flow, deleted, api, web, headless] = await Promise.all([
    readTenant(graph),
    readGraphId(graph),
    readUserFlow(graph, manifest),
    readDeleted(graph, manifest),
    ...appNames.map((name) => readApp(graph, uniqueNameOf(manifest, name))),
  ]);
  return { tenant, graphId, userFlow: flow, deleted, api, web, headless };
}

/** @throws {GraphError} */
async function readTenant(graph: GraphClient): Promise<TenantNames> {
  const [found] = await graph.list('/organization');
  const { id, displayName, tenantType, verifiedDomains } = checked(organization, found);
  const initial = verifiedDomains.find(({ isInitial }) => isInitial)?.name ?? '';
  const subdomain = initial.toLowerCase().replace(/\.onmicrosoft\.com$/, '');
  return { id: id.toLowerCase(), subdomain, displayName: displayName ?? subdomain, tenantType };
}

/** The object id of Graph's service principal. @throws {GraphError} */
export async function readGraphId(graph: GraphClient): Promise<string> {
  return checked(servicePrincipal, await graph.get(`/servicePrincipals(appId='${graphAppId}')`)).id;
}

/**
 * Searches the whole list, because Graph documents the unique name as a key for PATCH only.
 * @throws {GraphError}
 * @see https://learn.microsoft.com/graph/api/application-list
 */
export async function readApplication(graph: GraphClient, uniqueName: string): Promise<Application | undefined> {
  const all = await graph.list('/applications');
  const found = all.find((entry) => Object(entry).uniqueName === uniqueName);
  return checked(application.optional(), found);
}

/** The application with what belongs to it. @throws {GraphError} */
export async function readApp(graph: GraphClient, uniqueName: string): Promise<RegisteredApp | undefined> {
  const found = await readApplication(graph, uniqueName);
  if (!found) return undefined;
  const [principal, flows] = await Promise.all([
    readServicePrincipal(graph, found.appId),
    graph.list(`/identity/authenticationEventsFlows?$filter=${encodeURIComponent(flowOfApp(found.appId))}`),
  ]);
  const grants = principal ? await readGrants(graph, principal.id) : [];
  const flow = checked(userFlow.optional(), flows[0]);
  return { application: found, servicePrincipal: principal, grants, userFlow: flow };
}

async function readServicePrincipal(graph: GraphClient, appId: string): Promise<ServicePrincipal | undefined> {
  return checked(servicePrincipal.optional(), await graph.find(`/servicePrincipals(appId='${appId}')`));
}

async function readGrants(graph: GraphClient, clientId: string): Promise<Grant[]> {
  const filter = encodeURIComponent(`clientId eq '${clientId}'`);
  const found = await graph.list(`/oauth2PermissionGrants?$filter=${filter}`);
  return found.map((entry) => checked(grant, entry)).filter(({ consentType }) => consentType === 'AllPrincipals');
}

/** The user flow with the manifest's name, whoever made it. @throws {GraphError} */
export async function readUserFlow(graph: GraphClient, manifest: Manifest): Promise<UserFlow | undefined> {
  const name = manifest.userFlow.displayName.replaceAll("'", "''");
  const filter = encodeURIComponent(`displayName eq '${name}'`);
  const [found] = await graph.list(`/identity/authenticationEventsFlows?$filter=${filter}`);
  return checked(userFlow.optional(), found);
}

/** Deleted applications with our unique names. @throws {GraphError} */
export async function readDeleted(graph: GraphClient, manifest: Manifest): Promise<Application[]> {
  const ours = appNames.map((name) => uniqueNameOf(manifest, name));
  const found = await graph.list('/directory/deletedItems/microsoft.graph.application');
  return found
    .map((entry) => checked(application, entry))
    .filter(({ uniqueName }) => uniqueName && ours.includes(uniqueName));
}

/** @see https://learn.microsoft.com/graph/api/identitycontainer-list-authenticationeventsflows */
function flowOfApp(appId: string): string {
  const type = 'microsoft.graph.externalUsersSelfServiceSignUpEventsFlow';
  return `${type}/conditions/applications/includeApplications/any(appId:appId/appId eq '${appId}')`;
}

/**
 * Asserts what an earlier step made. Graph may take a while to show it.
 * @throws {GraphError} 404, so that the step is repeated
 */
export function present<Value>(value: Value | undefined, what: string): Value {
  if (value !== undefined) return value;
  throw new GraphError(`Graph does not show ${what} yet`, 404, 'Request_ResourceNotFound');
}
