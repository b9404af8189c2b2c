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
} from './directory.ts';
import { checked, type GraphClient, GraphError } from './GraphClient.ts';
import { type AppName, appNames, type Manifest, uniqueNameOf } from './manifest.ts';

export interface TenantNames {
  readonly id: string;
  readonly subdomain: string;
  readonly displayName: string;
  /** `CIAM` for an external tenant, `AAD` for a workforce tenant. */
  readonly tenantType: string | undefined;
}

/** An application of ours with its service principal, and what it was allowed. */
export interface RegisteredApp {
  readonly application: Application;
  readonly servicePrincipal: ServicePrincipal | undefined;
  /** Consent that was given for everybody. */
  readonly grants: readonly Grant[];
  /** The user flow that customers of this app go through. */
  readonly userFlow: UserFlow | undefined;
}

/** What the tenant holds of what the manifest names. */
export interface TenantState extends Readonly<Record<AppName, RegisteredApp | undefined>> {
  readonly tenant: TenantNames;
  /** The object id of Graph's own service principal. */
  readonly graphId: string;
  readonly userFlow: UserFlow | undefined;
  /** Deleted applications of ours, which Entra keeps for 30 days together with their unique names. */
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
export async function readTenant(graph: GraphClient): Promise<TenantNames> {
  const [found] = await graph.list('/organization');
  const { id, displayName, tenantType, verifiedDomains } = checked(organization, found);
  const initial = verifiedDomains.find(({ isInitial }) => isInitial)?.name ?? '';
  const subdomain = initial.toLowerCase().replace(/\.onmicrosoft\.com$/, '');
  return {
    id: id.toLowerCase(),
    subdomain,
    displayName: displayName ?? subdomain,
    tenantType: tenantType ?? undefined,
  };
}

async function readGraphId(graph: GraphClient): Promise<string> {
  return checked(servicePrincipal, await graph.get(servicePrincipalPath(graphAppId))).id;
}

/**
 * Found in the list: Graph documents the unique name as a key for PATCH only.
 * @throws {GraphError}
 * @see https://learn.microsoft.com/graph/api/application-list
 */
export async function readApplication(graph: GraphClient, uniqueName: string): Promise<Application | undefined> {
  const all = await graph.list('/applications');
  const found = all.find((entry) => Object(entry).uniqueName === uniqueName);
  return found === undefined ? undefined : checked(application, found);
}

/** The application with what belongs to it, or undefined. @throws {GraphError} */
export async function readApp(graph: GraphClient, uniqueName: string): Promise<RegisteredApp | undefined> {
  const found = await readApplication(graph, uniqueName);
  if (!found) return undefined;
  const [principal, flows] = await Promise.all([
    readServicePrincipal(graph, found.appId),
    graph.list(`/identity/authenticationEventsFlows?$filter=${encodeURIComponent(flowOfApp(found.appId))}`),
  ]);
  const grants = principal ? await readGrants(graph, principal.id) : [];
  const [flow] = flows;
  return {
    ...{ application: found, servicePrincipal: principal, grants },
    userFlow: flow === undefined ? undefined : checked(userFlow, flow),
  };
}

async function readServicePrincipal(graph: GraphClient, appId: string): Promise<ServicePrincipal | undefined> {
  const found = await graph.find(servicePrincipalPath(appId));
  return found === undefined ? undefined : checked(servicePrincipal, found);
}

async function readGrants(graph: GraphClient, clientId: string): Promise<Grant[]> {
  const filter = encodeURIComponent(`clientId eq '${clientId}'`);
  const found = await graph.list(`/oauth2PermissionGrants?$filter=${filter}`);
  return found.map((entry) => checked(grant, entry)).filter(({ consentType }) => consentType === 'AllPrincipals');
}

/** The user flow of the manifest's name, whoever made it. @throws {GraphError} */
export async function readUserFlow(graph: GraphClient, manifest: Manifest): Promise<UserFlow | undefined> {
  const name = manifest.userFlow.displayName.replaceAll("'", "''");
  const filter = encodeURIComponent(`displayName eq '${name}'`);
  const [found] = await graph.list(`/identity/authenticationEventsFlows?$filter=${filter}`);
  return found === undefined ? undefined : checked(userFlow, found);
}

/** Deleted applications that carry our unique names. @throws {GraphError} */
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

export function applicationPath(uniqueName: string): string {
  return `/applications(uniqueName='${uniqueName}')`;
}

export function servicePrincipalPath(appId: string): string {
  return `/servicePrincipals(appId='${appId}')`;
}

/**
 * What must be there by now, because an earlier step made it. Graph may take a while to show it.
 * @throws {GraphError} 404, as Graph itself says it
 */
export function present<Value>(value: Value | undefined, what: string): Value {
  if (value !== undefined) return value;
  throw new GraphError(`Graph does not show ${what} yet`, { status: 404, code: 'Request_ResourceNotFound' });
}
