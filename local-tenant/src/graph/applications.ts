import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Tenant } from '../state/tenant.ts';
import { needs, permitted } from './access.ts';
import { changedApplication, createdApplication } from './applicationChanges.ts';
import { collection } from './collection.ts';
import { badRequest, notFound } from './GraphProblem.ts';
import { objectAnswer } from './query.ts';
import { findObject, readBody } from './requests.ts';
import type { Application } from './resources.ts';

export const applicationList = { name: 'applications', filterable: ['displayName', 'appId', 'uniqueName'] } as const;

/** @see https://learn.microsoft.com/graph/api/resources/application */
export function applications(tenant: Tenant): Router {
  const { directory } = tenant;
  const router = Router();
  router.patch(
    /^\/applications\(uniqueName='([^']+)'\)$/,
    permitted(tenant, needs.applications.write, (request, response) => upsert(tenant, request, response)),
  );
  router.use(
    collection<Application>(tenant, {
      ...applicationList,
      path: '/applications',
      needs: needs.applications,
      shown: shownApplication,
      list: () => directory.visible('applications'),
      find: ({ params }) => findObject(tenant, 'applications', params.key),
      create: ({ body }) => create(tenant, body),
      change: (stored, { body }) => directory.replace('applications', changedApplication(tenant, stored, body)),
      remove: (stored) => remove(tenant, stored),
    }),
  );
  router.use(owners(tenant));
  return router;
}

/** Secrets are never shown again; certificates only if `$select` names them. */
export function shownApplication(stored: Application, { query }: Request): Record<string, unknown> {
  const isKeySelected = String(query.$select ?? '').includes('keyCredentials');
  return {
    ...stored,
    keyCredentials: stored.keyCredentials.map(({ key, ...rest }) => ({ ...rest, key: isKeySelected ? key : null })),
    passwordCredentials: stored.passwordCredentials.map((password) => ({
      ...password,
      customKeyIdentifier: null,
      secretText: null,
    })),
  };
}

function create(tenant: Tenant, body: unknown): Application {
  const created = createdApplication(tenant, body);
  tenant.directory.add('applications', created);
  return created;
}

/**
 * Changes the application with this name, or creates it. A hidden application is changed too: its name is taken.
 * @see https://learn.microsoft.com/graph/api/application-upsert
 */
function upsert(tenant: Tenant, request: Request, response: Response): void {
  const uniqueName = String(request.params[0]);
  const stored = tenant.directory.all('applications').find((found) => found.uniqueName === uniqueName);
  if (stored) {
    tenant.directory.replace('applications', changedApplication(tenant, stored, request.body));
    response.status(204).end();
    return;
  }
  if (!/\bcreate-if-missing\b/.test(request.get('prefer') ?? '')) throw notFound(uniqueName);
  const created = create(tenant, { ...Object(request.body), uniqueName });
  response.status(201).json(objectAnswer(tenant, request, 'applications', shownApplication(created, request)));
}

/** Deletes the service principal and its grants too. The application can be restored for 30 days. */
function remove({ directory, clock }: Tenant, stored: Application): void {
  const deletedDateTime = clock.now().toISOString();
  const principal = directory.all('servicePrincipals').find(({ appId }) => appId === stored.appId);
  if (principal) {
    directory.add('deletedServicePrincipals', { ...principal, deletedDateTime });
    directory.remove('servicePrincipals', principal.id);
    for (const name of ['permissionGrants', 'roleAssignments'] as const) {
      const affected = directory.all(name).filter((grant) => Object.values(grant).includes(principal.id));
      directory.remove(name, ...affected.map(({ id }) => id));
    }
  }
  directory.add('deletedApplications', { ...stored, deletedDateTime });
  directory.remove('applications', stored.id);
}

const reference = z.strictObject({ '@odata.id': z.url() });

/** @see https://learn.microsoft.com/graph/api/application-post-owners */
function owners(tenant: Tenant): Router {
  const { directory, customers } = tenant;
  const router = collection(tenant, {
    name: 'directoryObjects',
    path: '/applications/:id/owners',
    needs: needs.applications,
    list: ({ params }) => {
      const stored = findObject(tenant, 'applications', params.id);
      return directory.visible('owners').filter(({ applicationId }) => applicationId === stored.id);
    },
    shown: ({ ownerId }) => ({
      '@odata.type': '#microsoft.graph.user',
      id: ownerId,
      displayName: customers.findByOid(ownerId)?.displayName ?? null,
    }),
  });
  router.post(
    '/applications/:id/owners/$ref',
    permitted(tenant, needs.applications.write, (request, response) => {
      const { id: applicationId } = findObject(tenant, 'applications', request.params.id);
      const ownerId = readBody(reference, request.body)['@odata.id'].split('/').at(-1) ?? '';
      if (!customers.findByOid(ownerId)) throw notFound(ownerId);
      const id = `${applicationId} ${ownerId}`;
      const isOwner = directory.all('owners').some((owner) => owner.id === id);
      if (isOwner) throw badRequest("One or more added object references already exist for property 'owners'.");
      directory.add('owners', { id, applicationId, ownerId });
      response.status(204).end();
    }),
  );
  return router;
}
