import type { Router } from 'express';
import type { Tenant } from '../state/tenant.ts';
import { needs, permitted } from './access.ts';
import { applicationList, shownApplication } from './applications.ts';
import { collection } from './collection.ts';
import { alreadyThere, notFound } from './GraphProblem.ts';
import { objectAnswer } from './query.ts';
import { findObject } from './requests.ts';
import type { Application } from './resources.ts';

/** Deleted applications, which can be restored for 30 days. @see https://learn.microsoft.com/graph/api/directory-deleteditems-list */
export function deletedItems(tenant: Tenant): Router {
  const { directory } = tenant;
  const router = collection<Application>(tenant, {
    ...applicationList,
    path: '/directory/deletedItems/microsoft.graph.application',
    needs: needs.applications,
    shown: shownApplication,
    list: () => directory.visible('deletedApplications'),
  });
  router.delete(
    '/directory/deletedItems/:id',
    permitted(tenant, needs.applications.write, (request, response) => {
      const id = String(request.params.id);
      const found = directory.find('deletedApplications', id) ?? directory.find('deletedServicePrincipals', id);
      if (!found) throw notFound(id);
      directory.remove('deletedApplications', id);
      directory.remove('deletedServicePrincipals', id);
      response.status(204).end();
    }),
  );
  // Restoring an application leaves its service principal deleted; that is restored by its own id.
  router.post(
    '/directory/deletedItems/:id/restore',
    permitted(tenant, needs.applications.write, (request, response) => {
      const id = String(request.params.id);
      const principal = directory.find('deletedServicePrincipals', id);
      if (principal) {
        const restored = { ...principal, deletedDateTime: null };
        directory.remove('deletedServicePrincipals', id);
        directory.add('servicePrincipals', restored);
        response.json({ '@odata.type': '#microsoft.graph.servicePrincipal', ...restored });
        return;
      }
      const restored = restoreApplication(tenant, id);
      const shown = { '@odata.type': '#microsoft.graph.application', ...shownApplication(restored, request) };
      response.json(objectAnswer(tenant, request, 'directoryObjects', shown));
    }),
  );
  return router;
}

function restoreApplication(tenant: Tenant, id: string): Application {
  const { directory } = tenant;
  const restored = { ...findObject(tenant, 'deletedApplications', id), deletedDateTime: null };
  const { uniqueName } = restored;
  const isTaken = uniqueName !== null && directory.all('applications').some((one) => one.uniqueName === uniqueName);
  if (isTaken) throw alreadyThere('uniqueName');
  directory.remove('deletedApplications', restored.id);
  directory.add('applications', restored);
  return restored;
}
