import { z } from 'zod';

/*
 * The parts of Graph's answers that are read here. Other properties are kept, because a PATCH replaces a whole list.
 */

/** Graph shows `origin`, but refuses it in a PATCH. */
const permission = z
  .looseObject({ id: z.string(), value: z.string().nullish(), isEnabled: z.boolean().optional() })
  .transform(({ origin: _origin, ...rest }) => rest);

const optionalClaim = z.looseObject({ name: z.string() });
/** Graph may show null, but a PATCH needs a list. */
const claims = z
  .array(optionalClaim)
  .nullish()
  .transform((entries) => entries ?? []);

const passwordCredential = z.looseObject({
  keyId: z.string(),
  displayName: z.string().nullish(),
  /** The first characters of the secret. */
  hint: z.string().nullish(),
  startDateTime: z.string().nullish(),
  endDateTime: z.string().nullish(),
});

const keyCredential = z.looseObject({
  keyId: z.string().optional(),
  displayName: z.string().nullish(),
  /** The thumbprint. */
  customKeyIdentifier: z.string().nullish(),
  endDateTime: z.string().nullish(),
});

const redirects = z.looseObject({ redirectUris: z.array(z.string()).default([]) }).nullish();

/** @see https://learn.microsoft.com/graph/api/resources/application */
export const application = z.looseObject({
  id: z.string(),
  appId: z.string(),
  displayName: z.string(),
  uniqueName: z.string().nullish(),
  tags: z.array(z.string()).default([]),
  identifierUris: z.array(z.string()).default([]),
  isFallbackPublicClient: z.boolean().nullish(),
  web: redirects,
  spa: redirects,
  publicClient: redirects,
  api: z
    .looseObject({
      requestedAccessTokenVersion: z.number().nullish(),
      oauth2PermissionScopes: z.array(permission).default([]),
      preAuthorizedApplications: z.array(z.looseObject({ appId: z.string() })).default([]),
    })
    .nullish(),
  appRoles: z.array(permission).default([]),
  optionalClaims: z.looseObject({ idToken: claims, accessToken: claims, saml2Token: claims }).nullish(),
  passwordCredentials: z.array(passwordCredential).default([]),
  keyCredentials: z.array(keyCredential).default([]),
});
export type Application = z.output<typeof application>;
export type PasswordCredential = z.output<typeof passwordCredential>;

export const servicePrincipal = z.looseObject({ id: z.string(), appId: z.string() });
export type ServicePrincipal = z.output<typeof servicePrincipal>;

/** @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
export const grant = z.looseObject({
  id: z.string(),
  clientId: z.string(),
  resourceId: z.string(),
  consentType: z.string().nullish(),
  scope: z.string().nullish(),
});
export type Grant = z.output<typeof grant>;

/** @see https://learn.microsoft.com/graph/api/resources/externalusersselfservicesignupeventsflow */
export const userFlow = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  onAuthenticationMethodLoadStart: z
    .looseObject({ identityProviders: z.array(z.looseObject({ id: z.string() })).optional() })
    .nullish(),
  onAttributeCollection: z
    .looseObject({
      attributes: z.array(z.looseObject({ id: z.string() })).optional(),
      attributeCollectionPage: z
        .looseObject({
          views: z.array(z.looseObject({ inputs: z.array(z.looseObject({ attribute: z.string() })).default([]) })),
        })
        .nullish(),
    })
    .nullish(),
});
export type UserFlow = z.output<typeof userFlow>;

export const organization = z.looseObject({
  id: z.string(),
  displayName: z.string().nullish(),
  tenantType: z.string().nullish(),
  verifiedDomains: z.array(z.looseObject({ name: z.string().nullish(), isInitial: z.boolean().nullish() })).default([]),
});

export const secretAnswer = z.looseObject({ secretText: z.string() });

/** The client ID of Microsoft Graph. */
export const graphAppId = '00000003-0000-0000-c000-000000000000';

/**
 * The Graph permissions that a customer's sign-in needs.
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
export const signInPermissions = [
  { id: '37f7f235-527c-4136-accd-4a02d197296e', value: 'openid' },
  { id: '7427e0e9-2fba-42fe-b0c0-848c9e6a8182', value: 'offline_access' },
  { id: '14dad69e-099b-42c9-810b-d002981feec1', value: 'profile' },
] as const;
