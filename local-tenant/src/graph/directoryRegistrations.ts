import { isFlowAttribute } from '../registrations/customerSchema.ts';
import type { ApiRegistration, AppRegistration, UserFlow } from '../registrations/document.ts';
import type { Snapshot } from './GraphDirectory.ts';
import { graphServicePrincipal } from './graphServicePrincipal.ts';
import type { Application, Flow } from './resources.ts';
import type { graphScopes } from './wellKnown.ts';

/** What apps can sign in with and to, and through which user flow. */
export interface DirectoryRegistrations {
  readonly apps: readonly AppRegistration[];
  readonly apis: readonly ApiRegistration[];
  /** By the app's client id; an app without one signs customers in with passwords, and takes no new ones. */
  readonly userFlows: ReadonlyMap<string, UserFlow>;
}

/** What the objects of the directory mean for sign-ins. An application counts once it has a service principal. */
export function directoryRegistrations(directory: Snapshot): DirectoryRegistrations {
  const principalIds = new Map(directory.servicePrincipals.map(({ appId, id }) => [appId, id]));
  const present = directory.applications.filter(({ appId }) => principalIds.has(appId));
  const read = { directory, present, principalIds };
  return {
    apps: present.map((application) => toApp(read, application)),
    apis: present.flatMap(toApis),
    userFlows: new Map(directory.flows.flatMap((flow) => flowEntries(flow))),
  };
}

interface Read {
  readonly directory: Snapshot;
  readonly present: readonly Application[];
  /** The service principal's id by the app's client id. */
  readonly principalIds: ReadonlyMap<string, string>;
}

function toApp(read: Read, application: Application): AppRegistration {
  const { appId, displayName, web, publicClient, spa, optionalClaims, api } = application;
  const principal = read.directory.servicePrincipals.find((one) => one.appId === appId);
  return {
    clientId: appId,
    displayName,
    redirectUris: [...web.redirectUris, ...publicClient.redirectUris, ...spa.redirectUris],
    ...(web.logoutUrl === null ? {} : { logoutUrl: web.logoutUrl }),
    isPublicClient: application.isFallbackPublicClient === true,
    isEnabled: principal?.accountEnabled ?? false,
    secrets: application.passwordCredentials.map(({ secretText, endDateTime }) => ({
      value: secretText,
      expiresAt: endDateTime,
    })),
    certificates: application.keyCredentials.map(({ key }) => key),
    federatedCredentials: read.directory.federatedCredentials.filter(
      ({ applicationId }) => applicationId === application.id,
    ),
    optionalClaims: {
      idToken: (optionalClaims?.idToken ?? []).map(({ name }) => name),
      accessToken: (optionalClaims?.accessToken ?? []).map(({ name }) => name),
    },
    requiredPermissions: delegatedPermissions(read, application),
    adminConsent: isConsented(read, appId),
    applicationPermissions: applicationPermissions(read, appId),
    appRoles: enabledValues(application.appRoles),
    acceptMappedClaims: api.acceptMappedClaims ?? false,
    mappedClaims: {},
  };
}

/** One entry for each name under which the API can be asked for. */
function toApis(application: Application): ApiRegistration[] {
  const { appId, displayName, identifierUris, api, appRoles, optionalClaims } = application;
  const claims = optionalClaims?.accessToken ?? [];
  const names = identifierUris.length > 0 ? identifierUris : [appId];
  return names.map((identifierUri) => ({
    clientId: appId,
    displayName,
    identifierUri,
    scopes: enabledValues(api.oauth2PermissionScopes),
    appRoles: enabledValues(appRoles),
    optionalClaims: {
      accessToken: claims.map(({ name }) => name),
      includeUserToken: claims.some(
        ({ name, additionalProperties }) => name === 'idtyp' && additionalProperties.includes('include_user_token'),
      ),
    },
  }));
}

function enabledValues(entitlements: readonly { readonly value: string | null; readonly isEnabled: boolean }[]) {
  return entitlements.flatMap(({ value, isEnabled }) => (value !== null && isEnabled ? [value] : []));
}

/** The scopes that an administrator has consented to for everybody, of one resource. */
function consentedScopes({ directory, principalIds }: Read, clientAppId: string, resourceId: string | undefined) {
  const clientId = principalIds.get(clientAppId);
  return directory.permissionGrants
    .filter((grant) => grant.clientId === clientId && grant.resourceId === resourceId)
    .filter(({ consentType }) => consentType === 'AllPrincipals')
    .flatMap(({ scope }) => scope.split(' ').filter(Boolean));
}

/** The consented and pre-authorized permissions of each API that the app lists or was granted. */
function delegatedPermissions(read: Read, app: Application): Record<string, string[]> {
  const entries = read.present.map(({ appId, api }) => {
    const preAuthorized = api.preAuthorizedApplications.find((entry) => entry.appId === app.appId);
    const ids = preAuthorized?.delegatedPermissionIds ?? [];
    const names = enabledValues(api.oauth2PermissionScopes.filter(({ id }) => ids.includes(id)));
    const consented = consentedScopes(read, app.appId, read.principalIds.get(appId));
    const known = enabledValues(api.oauth2PermissionScopes).filter((name) => [...consented, ...names].includes(name));
    const isListed = app.requiredResourceAccess.some(({ resourceAppId }) => resourceAppId === appId);
    return { appId, known, isShown: isListed || known.length > 0 };
  });
  return Object.fromEntries(entries.filter(({ isShown }) => isShown).map(({ appId, known }) => [appId, known]));
}

/** Even the OpenID scopes, of Microsoft Graph, need an administrator's consent in an external tenant. */
function isConsented(read: Read, appId: string): boolean {
  return consentedScopes(read, appId, graphServicePrincipal().id).includes('openid' satisfies keyof typeof graphScopes);
}

function applicationPermissions({ directory, present, principalIds }: Read, clientAppId: string) {
  const assigned = directory.roleAssignments.filter(({ principalId }) => principalId === principalIds.get(clientAppId));
  const entries = present.map(({ appId, appRoles }) => {
    const ids = assigned.filter(({ resourceId }) => resourceId === principalIds.get(appId)).map((one) => one.appRoleId);
    return [appId, enabledValues(appRoles.filter(({ id }) => ids.includes(id)))] as const;
  });
  return Object.fromEntries(entries.filter(([, names]) => names.length > 0).map(([id, names]) => [id, [...names]]));
}

function flowEntries(flow: Flow): [string, UserFlow][] {
  const providers = flow.onAuthenticationMethodLoadStart.identityProviders.map(({ id }) => id);
  const inputs = flow.onAttributeCollection?.attributeCollectionPage.views.flatMap((view) => view.inputs) ?? [];
  const userFlow: UserFlow = {
    name: flow.displayName,
    signIn: providers.includes('EmailPassword-OAUTH') ? 'password' : 'emailOneTimePasscode',
    isSignUpAllowed: flow.onInteractiveAuthFlowStart.isSignUpAllowed,
    attributes: inputs
      .filter(({ attribute, hidden }) => !hidden && isFlowAttribute(attribute))
      .map(({ attribute, label, required }) => ({ name: attribute, label, isRequired: required })),
    identityProviders: [],
  };
  return flow.conditions.applications.includeApplications.map(({ appId }) => [appId, userFlow]);
}
