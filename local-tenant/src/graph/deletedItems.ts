import { Router } from 'express';
import { needs } from './access.ts';
import { applicationList, shownApplication } from './applications.ts';
import { findObject, type Graph, permitted } from './exchange.ts';
import { alreadyThere, notFound } from './GraphProblem.ts';
import { listAnswer, objectAnswer } from './query.ts';

/** Deleted applications, which can be restored for 30 days. @see https://learn.microsoft.com/graph/api/directory-deleteditems-list */
export function deletedItems(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  router.get(
    '/directory/deletedItems/microsoft.graph.application',
    permitted(graph, needs.readApplications, (request, response) => {
      const shown = directory.visible('deletedApplications').map((stored) => shownApplication(request, stored));
      response.json(listAnswer(directory, request, graph.url, shown, applicationList));
    }),
  );
  router.delete(
    '/directory/deletedItems/:id',
    permitted(graph, needs.writeApplications, (request, response) => {
      const id = String(request.params.id);
      const isThere = directory.find('deletedApplications', id) ?? directory.find('deletedServicePrincipals', id);
      if (!isThere) throw notFound(id);
      directory.remove('deletedApplications', [id]);
      directory.remove('deletedServicePrincipals', [id]);
      response.status(204).end();
    }),
  );
  // The service principal of an application stays deleted until it is restored by its own id.
  router.post(
    '/directory/deletedItems/:id/restore',
    permitted(graph, needs.writeApplications, (request, response) => {
      const id = String(request.params.id);
      const principal = directory.find('deletedServicePrincipals', id);
      if (principal) {
        directory.remove('deletedServicePrincipals', [id]);
        const restored = { ...principal, deletedDateTime: null };
        directory.add('servicePrincipals', restored);
        response.json({ '@odata.type': '#microsoft.graph.servicePrincipal', ...restored });
        return;
      }
      const application = { ...findObject(graph, 'deletedApplications', id), deletedDateTime: null };
      const { uniqueName } = application;
      const isTaken = uniqueName !== null && directory.all('applications').some((one) => one.uniqueName === uniqueName);
      if (isTaken) throw alreadyThere('uniqueName');
      directory.remove('deletedApplications', [id]);
      directory.add('applications', application);
      const shown = { '@odata.type': '#microsoft.graph.application', ...shownApplication(request, application) };
      response.json(objectAnswer(request, graph.url, 'directoryObjects', shown));
    }),
  );
  return router;
}
