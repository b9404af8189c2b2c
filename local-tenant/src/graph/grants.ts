import { randomBytes } from 'node:crypto';
import { type Request, Router } from 'express';
import { z } from 'zod';
import { guid } from '../runtime/settings.ts';
import { needs } from './access.ts';
import { findObject, type Graph, permitted, readBody } from './exchange.ts';
import { badRequest, GraphProblem, notFound } from './GraphProblem.ts';
import { graphServicePrincipal } from './graphServicePrincipal.ts';
import { listAnswer, objectAnswer } from './query.ts';
import { permissionGrant, type RoleAssignment } from './resources.ts';

const newId = () => randomBytes(32).toString('base64url');

const grantBody = z.strictObject({
  clientId: guid,
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: guid.nullish(),
  resourceId: guid,
  scope: z.string().max(3850),
  /** Required by the beta version alone, and without effect. */
  startTime: z.string().optional(),
  expiryTime: z.string().optional(),
});

const isGraphItself = (id: string) => id === graphServicePrincipal().id;

/** What administrators have consented to. @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
export function permissionGrants(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  const name = 'oauth2PermissionGrants';
  const filterable = ['clientId', 'resourceId', 'consentType', 'principalId'];
  router.get(
    `/${name}`,
    permitted(graph, needs.readGrants, (request, response) => {
      const shown = directory.visible('permissionGrants');
      response.json(listAnswer(directory, request, graph.url, shown, { name, filterable }));
    }),
  );
  router.post(
    `/${name}`,
    permitted(graph, needs.writeGrants, (request, response) => {
      const { startTime: _start, expiryTime: _expiry, ...body } = readBody(grantBody, request.body);
      findObject(graph, 'servicePrincipals', body.clientId);
      if (!isGraphItself(body.resourceId)) findObject(graph, 'servicePrincipals', body.resourceId);
      const isPerson = body.consentType === 'Principal';
      if (isPerson !== Boolean(body.principalId)) throw badRequest("'principalId' goes with consentType Principal.");
      const created = permissionGrant.parse({ ...body, id: newId() });
      const isThere = directory
        .all('permissionGrants')
        .some(
          (other) =>
            other.clientId === created.clientId &&
            other.resourceId === created.resourceId &&
            other.principalId === created.principalId,
        );
      if (isThere) throw new GraphProblem(409, 'Request_BadRequest', 'Permission entry already exists.');
      directory.add('permissionGrants', created);
      response.status(201).json(objectAnswer(request, graph.url, name, created));
    }),
  );
  router.get(
    `/${name}/:id`,
    permitted(graph, needs.readGrants, (request, response) => {
      const found = findObject(graph, 'permissionGrants', request.params.id);
      response.json(objectAnswer(request, graph.url, name, found));
    }),
  );
  router.patch(
    `/${name}/:id`,
    permitted(graph, needs.writeGrants, (request, response) => {
      const stored = findObject(graph, 'permissionGrants', request.params.id);
      const { scope } = readBody(grantBody.pick({ scope: true }), request.body);
      directory.replace('permissionGrants', { ...stored, scope });
      response.status(204).end();
    }),
  );
  router.delete(
    `/${name}/:id`,
    permitted(graph, needs.writeGrants, (request, response) => {
      directory.remove('permissionGrants', [findObject(graph, 'permissionGrants', request.params.id).id]);
      response.status(204).end();
    }),
  );
  return router;
}

const assignmentBody = z.strictObject({ principalId: guid, resourceId: guid, appRoleId: guid });

/**
 * The application permissions of apps; those of people are not imitated.
 * @see https://learn.microsoft.com/graph/api/resources/approleassignment
 */
export function roleAssignments(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  const sides = { appRoleAssignments: 'principalId', appRoleAssignedTo: 'resourceId' } as const;
  for (const [name, side] of Object.entries(sides)) {
    const path = `/servicePrincipals/:id/${name}`;
    router.get(
      path,
      permitted(graph, needs.readApplications, (request, response) => {
        const { id } = findObject(graph, 'servicePrincipals', request.params.id);
        const list = directory.visible('roleAssignments').filter((assignment) => assignment[side] === id);
        const shown = list.map((assignment) => shownAssignment(graph, assignment));
        const options = { name: 'appRoleAssignments', filterable: ['resourceId', 'principalId'] };
        response.json(listAnswer(directory, request, graph.url, shown, options));
      }),
    );
    router.post(
      path,
      permitted(graph, needs.writeRoleAssignments, (request, response) => {
        const created = assign(graph, request, side);
        directory.add('roleAssignments', created);
        response
          .status(201)
          .json(objectAnswer(request, graph.url, 'appRoleAssignments', shownAssignment(graph, created)));
      }),
    );
    router.delete(
      `${path}/:assignment`,
      permitted(graph, needs.writeRoleAssignments, (request, response) => {
        const found = findObject(graph, 'roleAssignments', request.params.assignment);
        if (found[side] !== request.params.id) throw notFound(found.id);
        directory.remove('roleAssignments', [found.id]);
        response.status(204).end();
      }),
    );
  }
  return router;
}

function assign(graph: Graph, request: Request, side: 'principalId' | 'resourceId'): RoleAssignment {
  const { directory, clock } = graph.tenant;
  const body = readBody(assignmentBody, request.body);
  if (body[side] !== request.params.id) throw badRequest(`'${side}' must be the service principal in the address.`);
  findObject(graph, 'servicePrincipals', body.principalId);
  const resource = findObject(graph, 'servicePrincipals', body.resourceId);
  const backing = directory.all('applications').find(({ appId }) => appId === resource.appId);
  const role = backing?.appRoles.find(({ id, isEnabled }) => id === body.appRoleId && isEnabled);
  if (!role?.allowedMemberTypes.includes('Application')) {
    throw badRequest('Permission being assigned was not found on application.');
  }
  const isThere = directory
    .all('roleAssignments')
    .some((other) => (['principalId', 'resourceId', 'appRoleId'] as const).every((key) => other[key] === body[key]));
  if (isThere) throw badRequest('Permission being assigned already exists on the object.');
  return { ...body, id: newId(), createdDateTime: clock.now().toISOString() };
}

function shownAssignment({ tenant: { directory } }: Graph, stored: RoleAssignment): Record<string, unknown> {
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
