import { z } from 'zod';
import type { HttpRequest } from '../../src/runtime/httpClient.ts';

/*
 * What Microsoft Graph v1.0 takes of the requests that configure and cleanup send, written down from its reference:
 * https://learn.microsoft.com/graph/api/overview. Anything else that is sent fails a test.
 */

const guid = z.guid();
const time = z.iso.datetime();
const nothing = z.undefined();
const claim = z.strictObject({
  name: z.string(),
  essential: z.boolean().optional(),
  source: z.string().nullish(),
  additionalProperties: z.array(z.string()).optional(),
});
const scope = z.strictObject({
  id: guid,
  value: z.string(),
  type: z.enum(['Admin', 'User']),
  isEnabled: z.boolean(),
  adminConsentDisplayName: z.string(),
  adminConsentDescription: z.string(),
  userConsentDisplayName: z.string().nullish(),
  userConsentDescription: z.string().nullish(),
});
const role = z.strictObject({
  id: guid,
  value: z.string(),
  displayName: z.string(),
  description: z.string(),
  isEnabled: z.boolean(),
  allowedMemberTypes: z.array(z.enum(['Application', 'User'])),
});
const access = z.strictObject({
  resourceAppId: guid,
  resourceAccess: z.array(z.strictObject({ id: guid, type: z.enum(['Scope', 'Role']) })),
});
const key = z.strictObject({
  type: z.literal('AsymmetricX509Cert'),
  usage: z.literal('Verify'),
  key: z.base64().nullable(),
  keyId: guid.optional(),
  displayName: z.string(),
  customKeyIdentifier: z.string(),
  startDateTime: time,
  endDateTime: time,
});

/** @see https://learn.microsoft.com/graph/api/resources/application */
const application = z.strictObject({
  displayName: z.string().optional(),
  signInAudience: z.literal('AzureADMyOrg').optional(),
  tags: z.array(z.string()).optional(),
  identifierUris: z.array(z.string().startsWith('api://')).optional(),
  isFallbackPublicClient: z.boolean().optional(),
  api: z
    .strictObject({
      requestedAccessTokenVersion: z.literal(2).optional(),
      oauth2PermissionScopes: z.array(scope).optional(),
      preAuthorizedApplications: z
        .array(z.strictObject({ appId: guid, delegatedPermissionIds: z.array(guid) }))
        .optional(),
    })
    .optional(),
  appRoles: z.array(role).optional(),
  web: z.strictObject({ redirectUris: z.array(z.url()).optional(), logoutUrl: z.url().optional() }).optional(),
  publicClient: z.strictObject({ redirectUris: z.array(z.url()) }).optional(),
  requiredResourceAccess: z.array(access).optional(),
  optionalClaims: z
    .strictObject({
      idToken: z.array(claim).optional(),
      accessToken: z.array(claim).optional(),
      saml2Token: z.array(claim).optional(),
    })
    .optional(),
  keyCredentials: z.array(key).optional(),
});

const typed = (name: string) => z.literal(`#microsoft.graph.${name}`);
const provider = z.strictObject({
  '@odata.type': typed('builtInIdentityProvider'),
  id: z.string(),
  displayName: z.string().optional(),
  identityProviderType: z.string().optional(),
});
const input = z.strictObject({
  attribute: z.string(),
  label: z.string(),
  inputType: z.literal('text'),
  defaultValue: z.null(),
  hidden: z.boolean(),
  editable: z.boolean(),
  writeToDirectory: z.boolean(),
  required: z.boolean(),
  validationRegEx: z.string(),
  options: z.tuple([]),
});
const view = z.strictObject({ title: z.null(), description: z.null(), inputs: z.array(input) });

/** @see https://learn.microsoft.com/graph/api/resources/externalusersselfservicesignupeventsflow */
const newFlow = z.strictObject({
  '@odata.type': typed('externalUsersSelfServiceSignUpEventsFlow'),
  displayName: z.string(),
  description: z.string(),
  onInteractiveAuthFlowStart: z.strictObject({
    '@odata.type': typed('onInteractiveAuthFlowStartExternalUsersSelfServiceSignUp'),
    isSignUpAllowed: z.boolean(),
  }),
  onAuthenticationMethodLoadStart: z.strictObject({
    '@odata.type': typed('onAuthenticationMethodLoadStartExternalUsersSelfServiceSignUp'),
    identityProviders: z.array(provider),
  }),
  onAttributeCollection: z.strictObject({
    '@odata.type': typed('onAttributeCollectionExternalUsersSelfServiceSignUp'),
    attributes: z.array(z.strictObject({ id: z.string() })),
    attributeCollectionPage: z.strictObject({ views: z.array(view) }),
  }),
  onUserCreateStart: z.strictObject({
    '@odata.type': typed('onUserCreateStartExternalUsersSelfServiceSignUp'),
    userTypeToCreate: z.enum(['member', 'guest']),
  }),
});
const changedFlow = newFlow.partial().required({ '@odata.type': true });

const id = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const flows = '/identity/authenticationEventsFlows';
const ofApp =
  'microsoft\\.graph\\.externalUsersSelfServiceSignUpEventsFlow/conditions/applications/includeApplications/' +
  `any\\(appId:appId/appId eq '${id}'\\)`;

/** Method, path and decoded query, body. */
const requests: readonly [HttpRequest['method'], string, z.ZodType][] = [
  ['GET', '/organization', nothing],
  ['GET', '/applications', nothing],
  ['PATCH', "/applications\\(uniqueName='[a-z0-9-]+'\\)", application.required({ displayName: true })],
  ['PATCH', `/applications/${id}`, application],
  ['DELETE', `/applications/${id}`, nothing],
  [
    'POST',
    `/applications/${id}/addPassword`,
    z.strictObject({ passwordCredential: z.strictObject({ displayName: z.string(), endDateTime: time }) }),
  ],
  ['POST', `/applications/${id}/removePassword`, z.strictObject({ keyId: guid })],
  ['GET', `/servicePrincipals\\(appId='${id}'\\)`, nothing],
  ['POST', '/servicePrincipals', z.strictObject({ appId: guid, tags: z.array(z.string()) })],
  ['GET', `/oauth2PermissionGrants\\?\\$filter=clientId eq '${id}'`, nothing],
  [
    'POST',
    '/oauth2PermissionGrants',
    z.strictObject({
      clientId: guid,
      resourceId: guid,
      consentType: z.literal('AllPrincipals'),
      scope: z.string(),
    }),
  ],
  ['PATCH', '/oauth2PermissionGrants/[\\w-]+', z.strictObject({ scope: z.string() })],
  ['GET', `${flows}\\?\\$filter=displayName eq '(?:[^']|'')+'`, nothing],
  ['GET', `${flows}\\?\\$filter=${ofApp}`, nothing],
  ['POST', flows, newFlow],
  ['PATCH', `${flows}/${id}`, changedFlow],
  ['DELETE', `${flows}/${id}`, nothing],
  [
    'POST',
    `${flows}/${id}/conditions/applications/includeApplications`,
    z.strictObject({ '@odata.type': typed('authenticationConditionApplication'), appId: guid }),
  ],
  ['GET', '/directory/deletedItems/microsoft\\.graph\\.application', nothing],
  ['DELETE', `/directory/deletedItems/${id}`, nothing],
  ['POST', `/directory/deletedItems/${id}/restore`, nothing],
];

/** What is wrong with a request, or undefined. @param baseUrl of Graph */
export function breachOf({ method, url, body }: HttpRequest, baseUrl: string): string | undefined {
  const path = decodeURIComponent(url.slice(baseUrl.length));
  const known = requests.find(([verb, form]) => verb === method && new RegExp(`^${form}$`).test(path));
  if (!known) return `${method} ${path} is not in the contract`;
  const result = known[2].safeParse(body === undefined ? undefined : JSON.parse(body));
  return result.success ? undefined : `${method} ${path}: ${z.prettifyError(result.error)}`;
}
