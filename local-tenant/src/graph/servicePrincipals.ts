import { type Request, Router } from 'express';
import { z } from 'zod';
import { servicePrincipalId } from '../registrations/Registrations.ts';
import { guid } from '../runtime/settings.ts';
import { needs } from './access.ts';
import { findObject, type Graph, permitted, readBody } from './exchange.ts';
import { alreadyThere, noBackingApplication } from './GraphProblem.ts';
import { graphServicePrincipal } from './graphServicePrincipal.ts';
import { listAnswer, objectAnswer } from './query.ts';
import { type ServicePrincipal, servicePrincipal } from './resources.ts';

const changes = z.strictObject({
  accountEnabled: z.boolean().optional(),
  appRoleAssignmentRequired: z.boolean().optional(),
  notes: z.string().max(1024).nullish(),
  tags: z.array(z.string().min(1).max(256)).optional(),
});
const creation = changes.extend({ appId: guid });

/** The instances of applications in this tenant. @see https://learn.microsoft.com/graph/api/resources/serviceprincipal */
export function servicePrincipals(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  const name = 'servicePrincipals';
  router.get(
    '/servicePrincipals',
    permitted(graph, needs.readApplications, (request, response) => {
      const shown = [
        graphServicePrincipal(),
        ...directory.visible(name).map((stored) => shownPrincipal(graph, stored)),
      ];
      response.json(listAnswer(directory, request, graph.url, shown, { name, filterable: ['appId', 'displayName'] }));
    }),
  );
  router.post(
    '/servicePrincipals',
    permitted(graph, needs.writeApplications, (request, response) => {
      const created = create(graph, request);
      response.status(201).json(objectAnswer(request, graph.url, name, shownPrincipal(graph, created)));
    }),
  );
  router.get(
    '/servicePrincipals/:id',
    permitted(graph, needs.readApplications, (request, response) => {
      const graphItself = graphServicePrincipal();
      const shown =
        request.params.id === graphItself.id
          ? graphItself
          : shownPrincipal(graph, findObject(graph, name, request.params.id));
      response.json(objectAnswer(request, graph.url, name, shown));
    }),
  );
  router.patch(
    '/servicePrincipals/:id',
    permitted(graph, needs.writeApplications, (request, response) => {
      const stored = findObject(graph, name, request.params.id);
      directory.replace(name, servicePrincipal.parse({ ...stored, ...readBody(changes, request.body) }));
      response.status(204).end();
    }),
  );
  return router;
}

/** The object id follows from the app's, so that it is the `oid` of the app's tokens too. */
function create(graph: Graph, request: Request): ServicePrincipal {
  const { directory } = graph.tenant;
  const body = readBody(creation, request.body);
  const isThere = directory.all('servicePrincipals').some(({ appId }) => appId === body.appId);
  if (isThere) throw alreadyThere('servicePrincipalNames');
  const isBacked = directory.visible('applications').some(({ appId }) => appId === body.appId);
  if (!isBacked) throw noBackingApplication(body.appId);
  const created = servicePrincipal.parse({ ...body, id: servicePrincipalId(body.appId) });
  directory.remove('deletedServicePrincipals', [created.id]);
  directory.add('servicePrincipals', created);
  return created;
}

function shownPrincipal({ tenant }: Graph, stored: ServicePrincipal): Record<string, unknown> {
  const backing = tenant.directory.all('applications').find(({ appId }) => appId === stored.appId);
  return {
    ...stored,
    displayName: backing?.displayName ?? null,
    appDisplayName: backing?.displayName ?? null,
    appOwnerOrganizationId: tenant.config.tenantId,
    servicePrincipalType: 'Application',
    signInAudience: 'AzureADMyOrg',
    servicePrincipalNames: [stored.appId, ...(backing?.identifierUris ?? [])],
    replyUrls: backing?.web.redirectUris ?? [],
    logoutUrl: backing?.web.logoutUrl ?? null,
    appRoles: backing?.appRoles ?? [],
    oauth2PermissionScopes: backing?.api.oauth2PermissionScopes ?? [],
    keyCredentials: [],
    passwordCredentials: [],
  };
}
