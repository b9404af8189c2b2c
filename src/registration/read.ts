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

export type GraphReader = Pick<GraphClient, 'find' | 'list'>;

export interface TenantNames {
  readonly id: string;
  readonly subdomain: string;
  /** In lower case. */
  readonly domains: readonly string[];
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
export async function readTenantState(graph: GraphReader, manifest: Manifest): Promise<TenantState> {
  const [tenant, graphPrincipal, flow, applications, deleted] = await Promise.all([
    readTenant(graph),
    readServicePrincipal(graph, graphAppId),
    readUserFlow(graph, manifest),
    readApplications(graph, manifest),
    readApplications(graph, manifest, '/directory/deletedItems/microsoft.graph.application'),
  ]);
  const graphId = present(graphPrincipal, 'its own service principal').id;
  const apps = appNames.map((app) => applications.find(({ uniqueName }) => uniqueName === uniqueNameOf(manifest, app)));
  const [api, web, headless] = await Promise.all(apps.map((found) => found && readApp(graph, found)));
  return { tenant, graphId, userFlow: flow, deleted, api, web, headless };
}

/** @throws {GraphError} */
export async function readTenant(graph: GraphReader): Promise<TenantNames> {
  const [found] = await graph.list('/organization');
  const { id, displayName, tenantType, verifiedDomains } = checked(organization, found);
  const initial = verifiedDomains.find(({ isInitial }) => isInitial)?.name ?? '';
  const subdomain = initial.toLowerCase().replace(/\.onmicrosoft\.com$/, '');
  const domains = verifiedDomains.flatMap(({ name }) => name?.toLowerCase() ?? []);
  return { id: id.toLowerCase(), subdomain, domains, displayName: displayName ?? subdomain, tenantType };
}

/**
 * The applications with our unique names. Searches the whole list, because Graph documents the unique name as a key for
 * PATCH only.
 * @throws {GraphError}
 * @see https://learn.microsoft.com/graph/api/application-list
 */
export async function readApplications(graph: GraphReader, manifest: Manifest, path = '/applications') {
  const ours = appNames.map((app) => uniqueNameOf(manifest, app));
  const found = (await graph.list(path)).filter((entry) => ours.includes(Object(entry).uniqueName));
  return found.map((entry) => checked(application, entry));
}

async function readApp(graph: GraphReader, found: Application): Promise<RegisteredApp> {
  const [principal, flow] = await Promise.all([
    readServicePrincipal(graph, found.appId),
    readUserFlowOfApp(graph, found.appId),
  ]);
  const grants = principal ? await readGrants(graph, principal.id) : [];
  return { application: found, servicePrincipal: principal, grants, userFlow: flow };
}

/** @throws {GraphError} */
export async function readServicePrincipal(graph: GraphReader, appId: string): Promise<ServicePrincipal | undefined> {
  return checked(servicePrincipal.optional(), await graph.find(`/servicePrincipals(appId='${appId}')`));
}

/** Consent for all customers. @param clientId the object id of the client's service principal @throws {GraphError} */
export async function readGrants(graph: GraphReader, clientId: string): Promise<Grant[]> {
  const filter = encodeURIComponent(`clientId eq '${clientId}'`);
  const found = await graph.list(`/oauth2PermissionGrants?$filter=${filter}`);
  return found.map((entry) => checked(grant, entry)).filter(({ consentType }) => consentType === 'AllPrincipals');
}

/** The user flow with the manifest's name, whoever made it. */
function readUserFlow(graph: GraphReader, manifest: Manifest): Promise<UserFlow | undefined> {
  return findUserFlow(graph, `displayName eq '${manifest.userFlow.displayName.replaceAll("'", "''")}'`);
}

/** An app can be in one user flow only. @throws {GraphError} */
export function readUserFlowOfApp(graph: GraphReader, appId: string): Promise<UserFlow | undefined> {
  const type = 'microsoft.graph.externalUsersSelfServiceSignUpEventsFlow';
  return findUserFlow(
    graph,
    `${type}/conditions/applications/includeApplications/any(appId:appId/appId eq '${appId}')`,
  );
}

/** @see https://learn.microsoft.com/graph/api/identitycontainer-list-authenticationeventsflows */
async function findUserFlow(graph: GraphReader, filter: string): Promise<UserFlow | undefined> {
  const [found] = await graph.list(`/identity/authenticationEventsFlows?$filter=${encodeURIComponent(filter)}`);
  return checked(userFlow.optional(), found);
}

/**
 * Asserts what an earlier step made. Graph may take a while to show it.
 * @throws {GraphError} 404, so that the step is repeated
 */
export function present<Value>(value: Value | undefined, what: string): Value {
  if (value !== undefined) return value;
  throw new GraphError(`Graph does not show ${what} yet`, 404, 'Request_ResourceNotFound');
}
