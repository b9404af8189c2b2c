import { type Request, type Response, Router } from 'express';
import { needs } from './access.ts';
import { changedApplication, createdApplication } from './applicationChanges.ts';
import { applicationBody } from './applicationSchema.ts';
import { findObject, type Graph, permitted, readBody } from './exchange.ts';
import { notFound } from './GraphProblem.ts';
import { listAnswer, objectAnswer } from './query.ts';
import type { Application } from './resources.ts';

/** @see https://learn.microsoft.com/graph/api/resources/application */
export function applications(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  router.get(
    '/applications',
    permitted(graph, needs.readApplications, (request, response) => {
      const shown = directory.visible('applications').map((stored) => shownApplication(request, stored));
      response.json(listAnswer(directory, request, graph.url, shown, applicationList));
    }),
  );
  router.post(
    '/applications',
    permitted(graph, needs.writeApplications, (request, response) => create(graph, request, response)),
  );
  router.patch(
    /^\/applications\(uniqueName='([^']+)'\)$/,
    permitted(graph, needs.writeApplications, (request, response) => upsert(graph, request, response)),
  );
  router.get(
    '/applications/:id',
    permitted(graph, needs.readApplications, (request, response) => {
      const stored = findObject(graph, 'applications', request.params.id);
      response.json(objectAnswer(request, graph.url, 'applications', shownApplication(request, stored)));
    }),
  );
  router.patch(
    '/applications/:id',
    permitted(graph, needs.writeApplications, (request, response) => {
      const stored = findObject(graph, 'applications', request.params.id);
      change(graph, stored, request, response);
    }),
  );
  router.delete(
    '/applications/:id',
    permitted(graph, needs.writeApplications, (request, response) => {
      remove(graph, findObject(graph, 'applications', request.params.id));
      response.status(204).end();
    }),
  );
  return router;
}

export const applicationList = { name: 'applications', filterable: ['displayName', 'appId', 'uniqueName'] } as const;

/** Secrets are never shown again, certificates only to who asks for them by name. */
export function shownApplication({ query }: Request, stored: Application): Record<string, unknown> {
  const isKeyAsked = String(query.$select ?? '').includes('keyCredentials');
  return {
    ...stored,
    keyCredentials: stored.keyCredentials.map(({ key, ...rest }) => ({ ...rest, key: isKeyAsked ? key : null })),
    passwordCredentials: stored.passwordCredentials.map((password) => ({
      ...password,
      customKeyIdentifier: null,
      secretText: null,
    })),
  };
}

function create(graph: Graph, request: Request, response: Response, uniqueName?: string): void {
  const body = readBody(applicationBody, request.body);
  const created = createdApplication(graph, uniqueName === undefined ? body : { ...body, uniqueName });
  graph.tenant.directory.add('applications', created);
  const shown = shownApplication(request, created);
  response.status(201).json({ '@odata.context': `${graph.url}/$metadata#applications/$entity`, ...shown });
}

function change(graph: Graph, stored: Application, request: Request, response: Response): void {
  const body = readBody(applicationBody, request.body);
  graph.tenant.directory.replace('applications', changedApplication(graph, stored, body));
  response.status(204).end();
}

/**
 * Changes the application of this name or creates it. A name that is taken is seen at once, also while the
 * application is hidden from reads.
 * @see https://learn.microsoft.com/graph/api/application-upsert
 */
function upsert(graph: Graph, request: Request, response: Response): void {
  const uniqueName = String(request.params[0]);
  const stored = graph.tenant.directory.all('applications').find((found) => found.uniqueName === uniqueName);
  if (stored) {
    change(graph, stored, request, response);
    return;
  }
  if (!/\bcreate-if-missing\b/.test(request.get('prefer') ?? '')) throw notFound(uniqueName);
  create(graph, request, response, uniqueName);
}

/** The service principal goes too, with what it was granted; the application can be restored for 30 days. */
function remove({ tenant: { directory, clock } }: Graph, stored: Application): void {
  const deletedDateTime = clock.now().toISOString();
  const principal = directory.all('servicePrincipals').find(({ appId }) => appId === stored.appId);
  if (principal) {
    directory.add('deletedServicePrincipals', { ...principal, deletedDateTime });
    directory.remove('servicePrincipals', [principal.id]);
    for (const name of ['permissionGrants', 'roleAssignments'] as const) {
      const ids = directory.all(name).filter((grant) => isOf(grant, principal.id));
      directory.remove(
        name,
        ids.map(({ id }) => id),
      );
    }
  }
  directory.add('deletedApplications', { ...stored, deletedDateTime });
  directory.remove('applications', [stored.id]);
}

function isOf(
  grant: { readonly resourceId: string; readonly clientId?: string; readonly principalId?: string | null },
  id: string,
) {
  return grant.resourceId === id || grant.clientId === id || grant.principalId === id;
}
