import type { Administrator } from './Administrator.ts';

export const redirectUri = 'http://localhost:3000/auth/redirect';
export const readScopeId = '11111111-0000-4000-8000-000000000001';
export const writeScopeId = '11111111-0000-4000-8000-000000000002';
export const readAllRoleId = '11111111-0000-4000-8000-000000000003';

const scope = (id: string, value: string) => ({
  id,
  value,
  type: 'Admin',
  isEnabled: true,
  adminConsentDisplayName: value,
  adminConsentDescription: value,
});

export const apiBody = {
  displayName: 'Orders',
  signInAudience: 'AzureADMyOrg',
  api: {
    requestedAccessTokenVersion: 2,
    oauth2PermissionScopes: [scope(readScopeId, 'Orders.Read'), scope(writeScopeId, 'Orders.ReadWrite')],
  },
  appRoles: [
    {
      id: readAllRoleId,
      value: 'Orders.Read.All',
      displayName: 'Read all',
      description: 'Read all orders',
      allowedMemberTypes: ['Application'],
      isEnabled: true,
    },
  ],
  optionalClaims: { accessToken: [{ name: 'idtyp' }] },
};

export const webBody = {
  displayName: 'Shop',
  signInAudience: 'AzureADMyOrg',
  web: { redirectUris: [redirectUri], logoutUrl: 'http://localhost:3000/auth/front-channel-logout' },
  optionalClaims: { idToken: [{ name: 'login_hint', essential: false, additionalProperties: [], source: null }] },
};

/** A user flow for some apps, as Microsoft's sample sends it. */
export function flowBody(appIds: readonly string[], changes: object = {}) {
  const type = (name: string) => ({ '@odata.type': `#microsoft.graph.${name}` });
  const input = (attribute: string, label: string, hidden: boolean) => ({
    attribute,
    label,
    inputType: 'text',
    defaultValue: null,
    hidden,
    editable: !hidden,
    writeToDirectory: true,
    required: true,
    validationRegEx: '^.*',
    options: [],
  });
  return {
    ...type('externalUsersSelfServiceSignUpEventsFlow'),
    displayName: 'Shop sign-up',
    description: 'made by a test',
    conditions: { applications: { includeApplications: appIds.map((appId) => ({ appId })) } },
    onInteractiveAuthFlowStart: {
      ...type('onInteractiveAuthFlowStartExternalUsersSelfServiceSignUp'),
      isSignUpAllowed: true,
    },
    onAuthenticationMethodLoadStart: {
      ...type('onAuthenticationMethodLoadStartExternalUsersSelfServiceSignUp'),
      identityProviders: [{ ...type('builtInIdentityProvider'), id: 'EmailPassword-OAUTH' }],
    },
    onAttributeCollection: {
      ...type('onAttributeCollectionExternalUsersSelfServiceSignUp'),
      attributes: [{ id: 'email' }, { id: 'displayName' }],
      attributeCollectionPage: {
        views: [
          {
            title: null,
            description: null,
            inputs: [input('email', 'Email Address', true), input('displayName', 'Display Name', false)],
          },
        ],
      },
    },
    onUserCreateStart: { ...type('onUserCreateStartExternalUsersSelfServiceSignUp'), userTypeToCreate: 'member' },
    ...changes,
  };
}

const idOf = async (answer: Promise<{ readonly body: Record<string, unknown> }>) => String((await answer).body.id);

/** Registers an API, an app with a secret and a user flow in an empty tenant. */
export async function registerAll(administrator: Administrator) {
  const api = (await administrator.upsert('orders-api', apiBody)).body;
  await administrator.patch(`/applications/${api.id}`, { identifierUris: [`api://${api.appId}`] });
  const apiPrincipal = await idOf(administrator.post('/servicePrincipals', { appId: api.appId }));
  const requiredResourceAccess = [{ resourceAppId: api.appId, resourceAccess: [{ id: readScopeId, type: 'Scope' }] }];
  const web = (await administrator.upsert('orders-web', { ...webBody, requiredResourceAccess })).body;
  const webPrincipal = await idOf(administrator.post('/servicePrincipals', { appId: web.appId }));
  const graph = await idOf(administrator.get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')"));
  const grant = { clientId: webPrincipal, consentType: 'AllPrincipals' };
  await administrator.post('/oauth2PermissionGrants', { ...grant, resourceId: graph, scope: 'openid offline_access' });
  const apiGrant = await idOf(
    administrator.post('/oauth2PermissionGrants', { ...grant, resourceId: apiPrincipal, scope: 'Orders.Read' }),
  );
  const flow = await idOf(administrator.post('/identity/authenticationEventsFlows', flowBody([String(web.appId)])));
  const password = await administrator.post(`/applications/${web.id}/addPassword`, {
    passwordCredential: { displayName: 'test' },
  });
  return {
    apiPrincipal,
    webPrincipal,
    apiGrant,
    flow,
    api: { id: String(api.id), appId: String(api.appId) },
    web: { id: String(web.id), appId: String(web.appId) },
    secret: String(password.body.secretText),
    keyId: String(password.body.keyId),
  };
}
