import { servicePrincipalId } from '../entraDialect.ts';
import { isFlowAttribute } from '../registrations/customerSchema.ts';
import type { ApiRegistration, AppRegistration, UserFlow } from '../registrations/document.ts';
import type { DirectoryRegistrations } from '../registrations/Registrations.ts';
import type { Application, Entitlement, Flow, ServicePrincipal, Snapshot } from './resources.ts';
import { type GraphScope, graphAppId } from './wellKnown.ts';

/** What the directory means for sign-ins. An application without a service principal is unknown to them. */
export function directoryRegistrations(directory: Snapshot): DirectoryRegistrations {
  const present = directory.applications.filter(({ appId }) => findPrincipal(directory, appId));
  return {
    apps: present.map((application) => toApp(directory, present, application)),
    apis: present.flatMap(toApis),
    userFlows: new Map(directory.flows.flatMap(flowEntries)),
  };
}

function findPrincipal({ servicePrincipals }: Snapshot, appId: string): ServicePrincipal | undefined {
  return servicePrincipals.find((principal) => principal.appId === appId);
}

function toApp(directory: Snapshot, apis: readonly Application[], application: Application): AppRegistration {
  const { id, appId, displayName, web, publicClient, spa, optionalClaims, api } = application;
  return {
    clientId: appId,
    displayName,
    redirectUris: web.redirectUris,
    spaRedirectUris: spa.redirectUris,
    publicClientRedirectUris: publicClient.redirectUris,
    ...(web.logoutUrl === null ? {} : { logoutUrl: web.logoutUrl }),
    isPublicClient: application.isFallbackPublicClient === true,
    isEnabled: findPrincipal(directory, appId)?.accountEnabled ?? false,
    secrets: application.passwordCredentials.map(({ secretText, endDateTime }) => ({
      value: secretText,
      expiresAt: endDateTime,
    })),
    certificates: application.keyCredentials.map(({ key }) => key),
    federatedCredentials: directory.federatedCredentials.filter(({ applicationId }) => applicationId === id),
    optionalClaims: {
      idToken: (optionalClaims?.idToken ?? []).map(({ name }) => name),
      accessToken: (optionalClaims?.accessToken ?? []).map(({ name }) => name),
    },
    requiredPermissions: delegatedPermissions(directory, apis, application),
    // In an external tenant, even the OpenID scopes of Microsoft Graph require an administrator's consent.
    adminConsent: consentedScopes(directory, appId, graphAppId).includes('openid' satisfies GraphScope),
    applicationPermissions: applicationPermissions(directory, apis, application),
    appRoles: enabledValues(application.appRoles),
    acceptMappedClaims: api.acceptMappedClaims ?? false,
    mappedClaims: {},
  };
}

/** One entry for each name that the API can be requested by. */
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

function enabledValues(entitlements: readonly Entitlement[]): string[] {
  return entitlements.flatMap(({ value, isEnabled }) => (value !== null && isEnabled ? [value] : []));
}

function consentedScopes({ permissionGrants }: Snapshot, clientAppId: string, apiAppId: string): string[] {
  const clientId = servicePrincipalId(clientAppId);
  const resourceId = servicePrincipalId(apiAppId);
  return permissionGrants
    .filter((grant) => grant.clientId === clientId && grant.resourceId === resourceId)
    .filter(({ consentType }) => consentType === 'AllPrincipals')
    .flatMap(({ scope }) => scope.split(' '));
}

/** The consented and pre-authorized permissions of each API that the app lists or was granted. */
function delegatedPermissions(directory: Snapshot, apis: readonly Application[], app: Application) {
  const entries = apis.map(({ appId, api }) => {
    const preAuthorized = api.preAuthorizedApplications.find((entry) => entry.appId === app.appId);
    const consented = consentedScopes(directory, app.appId, appId);
    const granted = api.oauth2PermissionScopes.filter(
      ({ id, value }) => preAuthorized?.delegatedPermissionIds.includes(id) || consented.includes(value ?? ''),
    );
    return [appId, enabledValues(granted)] as const;
  });
  const listed = app.requiredResourceAccess.map(({ resourceAppId }) => resourceAppId);
  return Object.fromEntries(entries.filter(([appId, names]) => names.length > 0 || listed.includes(appId)));
}

function applicationPermissions({ roleAssignments }: Snapshot, apis: readonly Application[], app: Application) {
  const assigned = roleAssignments.filter(({ principalId }) => principalId === servicePrincipalId(app.appId));
  const entries = apis.map(({ appId, appRoles }) => {
    const apiRoles = assigned.filter(({ resourceId }) => resourceId === servicePrincipalId(appId));
    const ids = apiRoles.map(({ appRoleId }) => appRoleId);
    return [appId, enabledValues(appRoles.filter(({ id }) => ids.includes(id)))] as const;
  });
  return Object.fromEntries(entries.filter(([, names]) => names.length > 0));
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
