import { randomBytes } from 'node:crypto';
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { Tenant } from '../state/tenant.ts';
import { needs } from './access.ts';
import { collection } from './collection.ts';
import { badRequest, GraphProblem, notFound } from './GraphProblem.ts';
import { graphServicePrincipal } from './graphServicePrincipal.ts';
import { findObject, readBody } from './requests.ts';
import { assignmentBody, permissionGrant, type Resource, type RoleAssignment } from './resources.ts';

const newId = () => randomBytes(32).toString('base64url');

/** Only the beta version requires the two times; they have no effect. */
const grantBody = permissionGrant
  .omit({ id: true })
  .extend({ startTime: z.string().optional(), expiryTime: z.string().optional() })
  .strict();

/** Consent to delegated permissions. @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
export function permissionGrants(tenant: Tenant): Router {
  const { directory } = tenant;
  return collection<Resource<'permissionGrants'>>(tenant, {
    name: 'oauth2PermissionGrants',
    path: '/oauth2PermissionGrants',
    needs: needs.permissionGrants,
    filterable: ['clientId', 'resourceId', 'consentType', 'principalId'],
    list: () => directory.visible('permissionGrants'),
    find: ({ params }) => findObject(tenant, 'permissionGrants', params.key),
    create: ({ body }) => createGrant(tenant, body),
    change: (stored, { body }) => {
      const { scope } = readBody(grantBody.pick({ scope: true }), body);
      directory.replace('permissionGrants', { ...stored, scope });
    },
    remove: ({ id }) => directory.remove('permissionGrants', id),
  });
}

function createGrant(tenant: Tenant, sent: unknown): Resource<'permissionGrants'> {
  const { directory } = tenant;
  const body = readBody(grantBody, sent);
  findObject(tenant, 'servicePrincipals', body.clientId);
  if (body.resourceId !== graphServicePrincipal.id) findObject(tenant, 'servicePrincipals', body.resourceId);
  const isForOnePerson = body.consentType === 'Principal';
  if (isForOnePerson !== Boolean(body.principalId)) throw badRequest("'principalId' goes with consentType Principal.");
  const created = permissionGrant.parse({ ...body, id: newId() });
  const isTaken = directory
    .all('permissionGrants')
    .some((other) => (['clientId', 'resourceId', 'principalId'] as const).every((key) => other[key] === created[key]));
  if (isTaken) throw new GraphProblem(409, 'Request_BadRequest', 'Permission entry already exists.');
  directory.add('permissionGrants', created);
  return created;
}

/**
 * Consent to application permissions. Roles of people are not imitated.
 * @see https://learn.microsoft.com/graph/api/resources/approleassignment
 */
export function roleAssignments(tenant: Tenant): Router {
  return Router()
    .use(roleAssignmentsOf(tenant, 'appRoleAssignments', 'principalId'))
    .use(roleAssignmentsOf(tenant, 'appRoleAssignedTo', 'resourceId'));
}

type Side = 'principalId' | 'resourceId';

/** @param side the part that the service principal in the path has in the assignment */
function roleAssignmentsOf(tenant: Tenant, segment: string, side: Side): Router {
  const { directory } = tenant;
  return collection<RoleAssignment>(tenant, {
    name: 'appRoleAssignments',
    path: `/servicePrincipals/:id/${segment}`,
    needs: needs.roleAssignments,
    filterable: ['resourceId', 'principalId'],
    shown: (assignment) => shownAssignment(tenant, assignment),
    list: ({ params }) => {
      const { id } = findObject(tenant, 'servicePrincipals', params.id);
      return directory.visible('roleAssignments').filter((assignment) => assignment[side] === id);
    },
    create: (request) => createAssignment(tenant, request, side),
    find: ({ params }) => {
      const found = findObject(tenant, 'roleAssignments', params.key);
      if (found[side] !== params.id) throw notFound(found.id);
      return found;
    },
    remove: ({ id }) => directory.remove('roleAssignments', id),
  });
}

function createAssignment(tenant: Tenant, request: Request, side: Side): RoleAssignment {
  const { directory, clock } = tenant;
  const body = readBody(assignmentBody, request.body);
  if (body[side] !== request.params.id) throw badRequest(`'${side}' must be the service principal in the address.`);
  findObject(tenant, 'servicePrincipals', body.principalId);
  const resource = findObject(tenant, 'servicePrincipals', body.resourceId);
  const backing = directory.all('applications').find(({ appId }) => appId === resource.appId);
  const role = backing?.appRoles.find(({ id, isEnabled }) => id === body.appRoleId && isEnabled);
  if (!role?.allowedMemberTypes.includes('Application')) {
    throw badRequest('Permission being assigned was not found on application.');
  }
  const isTaken = directory
    .all('roleAssignments')
    .some((other) => (['principalId', 'resourceId', 'appRoleId'] as const).every((key) => other[key] === body[key]));
  if (isTaken) throw badRequest('Permission being assigned already exists on the object.');
  const created = { ...body, id: newId(), createdDateTime: clock.now().toISOString() };
  directory.add('roleAssignments', created);
  return created;
}

function shownAssignment({ directory }: Tenant, stored: RoleAssignment): Record<string, unknown> {
  const nameOf = (id: string) => {
    const appId = directory.all('servicePrincipals').find((principal) => principal.id === id)?.appId;
    return directory.all('applications').find((backing) => backing.appId === appId)?.displayName ?? null;
  };
  return {
    ...stored,
    deletedDateTime: null,
    principalType: 'ServicePrincipal',
    principalDisplayName: nameOf(stored.principalId),
    resourceDisplayName: nameOf(stored.resourceId),
  };
}
