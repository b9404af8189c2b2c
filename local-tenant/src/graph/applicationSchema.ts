import { z } from 'zod';
import { readCertificate } from '../registrations/readCertificate.ts';
import { publicClientRedirectUri, redirectUri } from '../registrations/redirectUri.ts';
import { guid } from '../runtime/settings.ts';

const text = z.string().max(1024);
const time = z.iso.datetime({ offset: true });
export const displayName = z.string().trim().min(1).max(256);

/** Graph shows a property that was never sent as null. */
export const orNull = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? null);

const permissionScope = z.strictObject({
  id: guid,
  value: orNull(z.string().min(1).max(120)),
  type: z.enum(['Admin', 'User']).default('User'),
  isEnabled: z.boolean().default(true),
  adminConsentDisplayName: orNull(z.string().max(100)),
  adminConsentDescription: orNull(text),
  userConsentDisplayName: orNull(z.string().max(100)),
  userConsentDescription: orNull(text),
});

const appRole = z.strictObject({
  id: guid,
  value: orNull(z.string().min(1).max(250)),
  displayName: z.string().min(1).max(250),
  description: z.string().min(1).max(1000),
  allowedMemberTypes: z.array(z.enum(['User', 'Application'])).min(1),
  isEnabled: z.boolean().default(true),
  origin: z.literal('Application').default('Application'),
});

const optionalClaims = z.array(
  z.strictObject({
    name: z.string().min(1),
    essential: z.boolean().default(false),
    source: z.string().nullable().default(null),
    additionalProperties: z.array(z.string()).default([]),
  }),
);

const certificate = z.string().refine((key) => readCertificate(key) !== undefined, 'must be a certificate in base64');

const keyCredential = z.strictObject({
  keyId: guid.optional(),
  type: z.literal('AsymmetricX509Cert'),
  usage: z.literal('Verify'),
  /** Null for a stored certificate that stays. */
  key: certificate.nullish(),
  displayName: z.string().max(256).nullish(),
  customKeyIdentifier: z.string().nullish(),
  startDateTime: time.nullish(),
  endDateTime: time.nullish(),
});

export type KeyCredentialBody = z.output<typeof keyCredential>;

const redirectUris = z.array(redirectUri).max(256);

const webPart = z.strictObject({
  homePageUrl: orNull(z.url()),
  logoutUrl: orNull(redirectUri),
  redirectUris: redirectUris.default([]),
  implicitGrantSettings: z
    .strictObject({
      enableAccessTokenIssuance: z.boolean().default(false),
      enableIdTokenIssuance: z.boolean().default(false),
    })
    .prefault({}),
});

const apiPart = z.strictObject({
  acceptMappedClaims: orNull(z.boolean()),
  knownClientApplications: z.array(guid).default([]),
  requestedAccessTokenVersion: orNull(z.literal([1, 2])),
  oauth2PermissionScopes: z.array(permissionScope).default([]),
  preAuthorizedApplications: z
    .array(z.strictObject({ appId: guid, delegatedPermissionIds: z.array(guid) }))
    .default([]),
});

/**
 * What POST and PATCH can set: the properties that a registration for customers needs. Graph refuses unknown
 * properties; refusing the rest too shows a typing error here already.
 * @see https://learn.microsoft.com/graph/api/resources/application
 */
export const applicationBody = z.strictObject({
  displayName,
  description: orNull(text),
  notes: orNull(text),
  uniqueName: orNull(z.string().min(1).max(120)),
  /** Apps for customers are single-tenant. @see https://learn.microsoft.com/entra/external-id/customers/concept-supported-features-customers */
  signInAudience: z.literal('AzureADMyOrg').default('AzureADMyOrg'),
  identifierUris: z.array(z.string().min(1).max(255)).max(50).default([]),
  isFallbackPublicClient: orNull(z.boolean()),
  groupMembershipClaims: orNull(z.string()),
  tags: z.array(z.string().min(1).max(256)).default([]),
  api: apiPart.prefault({}),
  appRoles: z.array(appRole).default([]),
  optionalClaims: orNull(
    z.strictObject({
      idToken: optionalClaims.default([]),
      accessToken: optionalClaims.default([]),
      saml2Token: optionalClaims.default([]),
    }),
  ),
  keyCredentials: z.array(keyCredential).max(10).default([]),
  requiredResourceAccess: z
    .array(
      z.strictObject({
        resourceAppId: guid,
        resourceAccess: z.array(z.strictObject({ id: guid, type: z.enum(['Scope', 'Role']) })),
      }),
    )
    .max(50)
    .default([]),
  web: webPart.prefault({}),
  /** Public clients may also use addresses with a scheme of their own, such as msal…://auth. */
  publicClient: z
    .strictObject({ redirectUris: z.array(publicClientRedirectUri).max(256) })
    .default({ redirectUris: [] }),
  spa: z.strictObject({ redirectUris }).default({ redirectUris: [] }),
});

/** @see https://learn.microsoft.com/graph/api/application-addpassword */
export const addPasswordBody = z.strictObject({
  passwordCredential: z
    .strictObject({
      displayName: z.string().max(256).nullish(),
      startDateTime: time.nullish(),
      endDateTime: time.nullish(),
    })
    .default({}),
});

export const removePasswordBody = z.strictObject({ keyId: guid });

/** @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential */
export const federatedCredentialBody = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/, 'must have 3 to 120 letters, digits, - or _'),
  issuer: z.url({ protocol: /^https?$/ }).max(600),
  subject: z.string().min(1).max(600),
  audiences: z.array(z.string().min(1).max(600)).length(1),
  description: orNull(z.string().max(600)),
});
