import { z } from 'zod';
import { guid } from '../runtime/settings.ts';
import { isVisible } from '../runtime/text.ts';
import { readCertificate } from './readCertificate.ts';
import { publicClientRedirectUri, redirectUri } from './redirectUri.ts';

export const label = z
  .string()
  .trim()
  .max(256, 'must have at most 256 characters')
  .refine(isVisible, 'must not be empty');

/** Names of permissions or roles, by the client id of the app or API that defines them. */
export const namesByApp = z.record(guid, z.array(label));

const certificate = z
  .string()
  .refine(
    (text) => readCertificate(text) !== undefined,
    'must be an X.509 certificate: PEM, or base64 of its DER form',
  );

const secret = z.strictObject({
  value: z.string().min(1, 'must not be empty'),
  expiresAt: z.iso.datetime({ offset: true, error: 'must be a time, such as 2030-01-31T00:00:00Z' }).optional(),
});

/** @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential */
const federatedCredential = z.strictObject({
  issuer: z.url({ protocol: /^https?$/, error: 'must be the URL of the issuer, as in its tokens' }),
  subject: label,
  audiences: z.array(label).min(1, 'must name an audience').default(['api://AzureADTokenExchange']),
});

/** @see https://learn.microsoft.com/entra/identity-platform/optional-claims-reference */
const sharedClaims = [
  'acct',
  'acrs',
  'auth_time',
  'ctry',
  'email',
  'family_name',
  'given_name',
  'ipaddr',
  'login_hint',
  'pwd_exp',
  'sid',
  'tenant_ctry',
  'tenant_region_scope',
  'upn',
  'verified_primary_email',
  'xms_edov',
  'xms_pl',
  'xms_tpl',
];

const idTokenClaims = claimList(sharedClaims);
const accessTokenClaims = claimList([...sharedClaims, 'idtyp', 'xms_cc']);

function claimList(names: readonly string[]) {
  return z.array(z.enum(names, `must be an optional claim of this token: ${names.join(', ')}`)).default([]);
}

const uris = <Schema extends z.ZodType<string>>(one: Schema) =>
  z.array(one).max(256, 'must have at most 256 entries').default([]);

const writtenApp = z.strictObject({
  clientId: guid,
  displayName: label,
  /** Of a web app; with `isPublicClient`, of a desktop or mobile app. */
  redirectUris: uris(redirectUri),
  /** Of a single-page app, whose scripts redeem the code. */
  spaRedirectUris: uris(redirectUri),
  /** Of a desktop or mobile app. They can have a scheme of their own, such as msal…://auth. */
  publicClientRedirectUris: uris(publicClientRedirectUri),
  logoutUrl: redirectUri.optional(),
  /** Whether the app has no credential and can use the device code flow. */
  isPublicClient: z.boolean().default(false),
  isEnabled: z.boolean().default(true),
  secrets: z.array(secret).default([]),
  certificates: z.array(certificate).max(10, 'must have at most 10 entries').default([]),
  federatedCredentials: z.array(federatedCredential).max(20, 'must have at most 20 entries').default([]),
  optionalClaims: z.strictObject({ idToken: idTokenClaims, accessToken: accessTokenClaims }).prefault({}),
  /** Delegated permissions by API; default: all permissions of all APIs. */
  requiredPermissions: namesByApp.optional(),
  /** Whether an administrator has consented to the delegated permissions. */
  adminConsent: z.boolean().default(true),
  /** Application permissions by API, with an administrator's consent. */
  applicationPermissions: namesByApp.default({}),
  appRoles: z.array(label).default([]),
  acceptMappedClaims: z.boolean().default(false),
  /** Attributes by the name of the claim that they become. */
  mappedClaims: z.record(label, label).default({}),
  userFlow: label.optional(),
});

export const appSchema = writtenApp.transform((app) =>
  app.isPublicClient
    ? { ...app, redirectUris: [], publicClientRedirectUris: [...app.redirectUris, ...app.publicClientRedirectUris] }
    : app,
);

export const apiSchema = z.strictObject({
  clientId: guid,
  displayName: label,
  identifierUri: z
    .string()
    .regex(/^(api|https):\/\/[^\s/]+(\/[^\s/]+)*$/, 'must be api://… or https://…, without a trailing slash'),
  scopes: z.array(label).default([]),
  /** Application permissions, and roles that customers can have. */
  appRoles: z.array(label).default([]),
  optionalClaims: z
    .strictObject({
      accessToken: accessTokenClaims,
      /** The property include_user_token of `idtyp`: customers' tokens get the claim too, with the value `user`. */
      includeUserToken: z.boolean().default(false),
    })
    .prefault({}),
});
