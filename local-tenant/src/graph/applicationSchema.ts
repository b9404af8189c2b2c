import { z } from 'zod';
import { readCertificate } from '../registrations/certificate.ts';
import { redirectUri } from '../registrations/redirectUri.ts';
import { guid } from '../runtime/settings.ts';

/*
 * The bodies of applications, with the properties that a registration for customers needs. Others are refused as
 * Graph refuses unknown ones, so that a slip of the pen is seen here already.
 * https://learn.microsoft.com/graph/api/resources/application
 */

const text = z.string().max(1024);
const time = z.iso.datetime({ offset: true });
export const displayName = z.string().trim().min(1).max(256);

/** What is not sent is null in what Graph shows. */
export const orNull = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? null);

export const permissionScope = z.strictObject({
  id: guid,
  value: orNull(z.string().min(1).max(120)),
  type: z.enum(['Admin', 'User']).default('User'),
  isEnabled: z.boolean().default(true),
  adminConsentDisplayName: orNull(z.string().max(100)),
  adminConsentDescription: orNull(text),
  userConsentDisplayName: orNull(z.string().max(100)),
  userConsentDescription: orNull(text),
});

export const appRole = z.strictObject({
  id: guid,
  value: orNull(z.string().min(1).max(250)),
  displayName: z.string().min(1).max(250),
  description: z.string().min(1).max(1000),
  allowedMemberTypes: z.array(z.enum(['User', 'Application'])).min(1),
  isEnabled: z.boolean().default(true),
  origin: z.literal('Application').default('Application'),
});

const optionalClaim = z.strictObject({
  name: z.string().min(1),
  essential: z.boolean().default(false),
  source: z.string().nullable().default(null),
  additionalProperties: z.array(z.string()).default([]),
});

/** A collection that is not sent is kept empty: a PATCH replaces all three. */
export const optionalClaims = z.strictObject({
  idToken: z.array(optionalClaim).default([]),
  accessToken: z.array(optionalClaim).default([]),
  saml2Token: z.array(optionalClaim).default([]),
});

const certificate = z.string().refine((key) => readCertificate(key) !== undefined, 'must be a certificate in base64');

export const keyCredential = z.strictObject({
  keyId: guid.optional(),
  type: z.literal('AsymmetricX509Cert'),
  usage: z.literal('Verify'),
  /** Null for one that is there already and stays. */
  key: certificate.nullish(),
  displayName: z.string().max(256).nullish(),
  customKeyIdentifier: z.string().nullish(),
  startDateTime: time.nullish(),
  endDateTime: time.nullish(),
});

export const requiredResourceAccess = z.strictObject({
  resourceAppId: guid,
  resourceAccess: z.array(z.strictObject({ id: guid, type: z.enum(['Scope', 'Role']) })),
});

const uris = z.array(redirectUri).max(256);

export const webPart = z.strictObject({
  homePageUrl: z.url().nullish(),
  logoutUrl: redirectUri.nullish(),
  redirectUris: uris.optional(),
  implicitGrantSettings: z
    .strictObject({
      enableAccessTokenIssuance: z.boolean().default(false),
      enableIdTokenIssuance: z.boolean().default(false),
    })
    .optional(),
});

export const apiPart = z.strictObject({
  acceptMappedClaims: z.boolean().nullish(),
  knownClientApplications: z.array(guid).optional(),
  requestedAccessTokenVersion: z.literal([1, 2]).nullish(),
  oauth2PermissionScopes: z.array(permissionScope).optional(),
  preAuthorizedApplications: z.array(z.strictObject({ appId: guid, delegatedPermissionIds: z.array(guid) })).optional(),
});

/** Public clients may also have addresses of their own scheme, such as msal…://auth. */
export const publicClientPart = z.strictObject({
  redirectUris: z.array(z.union([redirectUri, z.url({ protocol: /^(?!https?$)/ })])).max(256),
});

/** What both POST and PATCH take; `uniqueName` is given once. */
export const applicationBody = z.strictObject({
  displayName: displayName.optional(),
  description: text.nullish(),
  notes: text.nullish(),
  uniqueName: z.string().min(1).max(120).optional(),
  /** Apps for customers are for one tenant only. @see https://learn.microsoft.com/entra/external-id/customers/concept-supported-features-customers */
  signInAudience: z.literal('AzureADMyOrg').optional(),
  identifierUris: z.array(z.string().min(1).max(255)).max(50).optional(),
  isFallbackPublicClient: z.boolean().nullish(),
  groupMembershipClaims: z.string().nullish(),
  tags: z.array(z.string().min(1).max(256)).optional(),
  api: apiPart.optional(),
  appRoles: z.array(appRole).optional(),
  optionalClaims: optionalClaims.nullish(),
  keyCredentials: z.array(keyCredential).max(10).optional(),
  requiredResourceAccess: z.array(requiredResourceAccess).max(50).optional(),
  web: webPart.optional(),
  publicClient: publicClientPart.optional(),
  spa: z.strictObject({ redirectUris: uris }).optional(),
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
  description: z.string().max(600).nullish(),
});

export type ApplicationBody = z.output<typeof applicationBody>;
