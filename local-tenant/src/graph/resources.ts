import { z } from 'zod';
import {
  appRole,
  federatedCredentialBody,
  optionalClaims,
  orNull,
  permissionScope,
  publicClientPart,
  requiredResourceAccess,
} from './applicationSchema.ts';
import { flowSchema } from './flowSchema.ts';

/*
 * The objects of the directory as they are kept, with all defaults: what `parse` makes of a new one, and what a saved
 * one must be.
 */

const strings = z.array(z.string()).default([]);
const id = z.string();

const passwordCredential = z.object({
  keyId: id,
  displayName: orNull(z.string()),
  hint: z.string(),
  /** Kept to be compared with; shown once, in the answer that made it. */
  secretText: z.string(),
  startDateTime: z.string(),
  endDateTime: z.string(),
});

const storedKey = z.object({
  keyId: id,
  type: z.literal('AsymmetricX509Cert'),
  usage: z.literal('Verify'),
  /** The certificate: DER in base64. */
  key: z.string(),
  displayName: orNull(z.string()),
  customKeyIdentifier: orNull(z.string()),
  startDateTime: z.string(),
  endDateTime: z.string(),
});

/** @see https://learn.microsoft.com/graph/api/resources/application */
export const application = z.object({
  id,
  appId: id,
  deletedDateTime: orNull(z.string()),
  createdDateTime: z.string(),
  displayName: z.string(),
  description: orNull(z.string()),
  notes: orNull(z.string()),
  uniqueName: orNull(z.string()),
  signInAudience: z.literal('AzureADMyOrg').default('AzureADMyOrg'),
  identifierUris: strings,
  isFallbackPublicClient: orNull(z.boolean()),
  groupMembershipClaims: orNull(z.string()),
  tags: strings,
  api: z
    .object({
      acceptMappedClaims: orNull(z.boolean()),
      knownClientApplications: strings,
      requestedAccessTokenVersion: orNull(z.literal([1, 2])),
      oauth2PermissionScopes: z.array(permissionScope).default([]),
      preAuthorizedApplications: z
        .array(z.object({ appId: z.string(), delegatedPermissionIds: z.array(z.string()) }))
        .default([]),
    })
    .prefault({}),
  appRoles: z.array(appRole).default([]),
  optionalClaims: orNull(optionalClaims),
  keyCredentials: z.array(storedKey).default([]),
  passwordCredentials: z.array(passwordCredential).default([]),
  requiredResourceAccess: z.array(requiredResourceAccess).default([]),
  web: z
    .object({
      homePageUrl: orNull(z.string()),
      logoutUrl: orNull(z.string()),
      redirectUris: strings,
      implicitGrantSettings: z
        .object({ enableAccessTokenIssuance: z.boolean(), enableIdTokenIssuance: z.boolean() })
        .default({ enableAccessTokenIssuance: false, enableIdTokenIssuance: false }),
    })
    .prefault({}),
  publicClient: publicClientPart.default({ redirectUris: [] }),
  spa: z.object({ redirectUris: strings }).prefault({}),
});

export const federatedCredential = federatedCredentialBody.extend({
  id,
  applicationId: id,
  description: orNull(z.string()),
});

export const owner = z.object({ id, applicationId: id, ownerId: id });

/** @see https://learn.microsoft.com/graph/api/resources/serviceprincipal */
export const servicePrincipal = z.object({
  id,
  appId: id,
  deletedDateTime: orNull(z.string()),
  accountEnabled: z.boolean().default(true),
  appRoleAssignmentRequired: z.boolean().default(false),
  notes: orNull(z.string()),
  tags: strings,
});

/** @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
export const permissionGrant = z.object({
  id,
  clientId: id,
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: orNull(z.string()),
  resourceId: id,
  scope: z.string(),
});

/** @see https://learn.microsoft.com/graph/api/resources/approleassignment */
export const roleAssignment = z.object({
  id,
  createdDateTime: z.string(),
  principalId: id,
  resourceId: id,
  appRoleId: id,
});

/** @see https://learn.microsoft.com/graph/api/resources/identityuserflowattribute */
export const flowAttribute = z.object({
  id,
  displayName: z.string(),
  description: z.string(),
  dataType: z.enum(['string', 'boolean', 'int64', 'stringCollection', 'dateTime']),
});

/** Every collection of the directory, by its name in what is saved. */
export const collections = {
  applications: application,
  deletedApplications: application,
  federatedCredentials: federatedCredential,
  owners: owner,
  servicePrincipals: servicePrincipal,
  deletedServicePrincipals: servicePrincipal,
  permissionGrants: permissionGrant,
  roleAssignments: roleAssignment,
  flows: flowSchema.extend({ id }),
  flowAttributes: flowAttribute,
} as const;

export type CollectionName = keyof typeof collections;
export type Resource<Name extends CollectionName> = z.output<(typeof collections)[Name]>;
export type Application = Resource<'applications'>;
export type ServicePrincipal = Resource<'servicePrincipals'>;
export type RoleAssignment = Resource<'roleAssignments'>;
export type Flow = Resource<'flows'>;
