import { z } from 'zod';
import { guid } from '../runtime/settings.ts';
import { applicationBody, federatedCredentialBody, orNull } from './applicationSchema.ts';
import { flowSchema } from './flowSchema.ts';

/* The objects of the directory as they are stored, with all defaults. */

const id = z.string();

const passwordCredential = z.object({
  keyId: id,
  displayName: orNull(z.string()),
  hint: z.string(),
  /** Stored to compare with; shown only in the answer to addPassword. */
  secretText: z.string(),
  startDateTime: z.string(),
  endDateTime: z.string(),
});

const keyCredential = z.object({
  keyId: id,
  type: z.literal('AsymmetricX509Cert'),
  usage: z.literal('Verify'),
  key: z.string(),
  displayName: orNull(z.string()),
  customKeyIdentifier: orNull(z.string()),
  startDateTime: z.string(),
  endDateTime: z.string(),
});

/** @see https://learn.microsoft.com/graph/api/resources/application */
export const application = applicationBody.extend({
  id,
  appId: id,
  deletedDateTime: orNull(z.string()),
  createdDateTime: z.string(),
  keyCredentials: z.array(keyCredential).default([]),
  passwordCredentials: z.array(passwordCredential).default([]),
});

export const servicePrincipalBody = z.strictObject({
  accountEnabled: z.boolean().default(true),
  appRoleAssignmentRequired: z.boolean().default(false),
  notes: orNull(z.string().max(1024)),
  tags: z.array(z.string().min(1).max(256)).default([]),
});

/** @see https://learn.microsoft.com/graph/api/resources/serviceprincipal */
export const servicePrincipal = servicePrincipalBody.extend({
  id,
  appId: id,
  deletedDateTime: orNull(z.string()),
});

/** @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
export const permissionGrant = z.object({
  id,
  clientId: guid,
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: orNull(guid),
  resourceId: guid,
  scope: z.string().max(3850),
});

/** @see https://learn.microsoft.com/graph/api/resources/approleassignment */
const roleAssignment = z.object({
  id,
  createdDateTime: z.string(),
  principalId: guid,
  resourceId: guid,
  appRoleId: guid,
});
export const assignmentBody = roleAssignment.omit({ id: true, createdDateTime: true }).strict();

/** @see https://learn.microsoft.com/graph/api/resources/identityuserflowattribute */
export const flowAttribute = z.object({
  id,
  displayName: z.string(),
  description: z.string(),
  dataType: z.enum(['string', 'boolean', 'int64', 'stringCollection', 'dateTime']),
});

export const snapshotSchema = z.object({
  applications: z.array(application),
  deletedApplications: z.array(application),
  federatedCredentials: z.array(federatedCredentialBody.extend({ id, applicationId: id })),
  owners: z.array(z.object({ id, applicationId: id, ownerId: id })),
  servicePrincipals: z.array(servicePrincipal),
  deletedServicePrincipals: z.array(servicePrincipal),
  permissionGrants: z.array(permissionGrant),
  roleAssignments: z.array(roleAssignment),
  flows: z.array(flowSchema.extend({ id })),
  flowAttributes: z.array(flowAttribute),
});

type Mutable = z.output<typeof snapshotSchema>;
export type CollectionName = keyof Mutable;
export type Resource<Name extends CollectionName> = Mutable[Name][number];
export type Snapshot = { readonly [Name in CollectionName]: readonly Resource<Name>[] };
export type Application = Resource<'applications'>;
export type ServicePrincipal = Resource<'servicePrincipals'>;
export type RoleAssignment = Resource<'roleAssignments'>;
export type Flow = Resource<'flows'>;
/** A permission or role that an application defines. */
export type Entitlement = Pick<Application['appRoles'][number], 'id' | 'value' | 'isEnabled'>;
