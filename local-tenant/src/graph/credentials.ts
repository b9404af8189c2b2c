import { randomBytes, randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import { needs } from './access.ts';
import { addPasswordBody, federatedCredentialBody, removePasswordBody } from './applicationSchema.ts';
import { findObject, type Graph, permitted, readBody } from './exchange.ts';
import { alreadyThere, badRequest, notFound } from './GraphProblem.ts';
import { listAnswer, objectAnswer } from './query.ts';
import { federatedCredential, type Resource } from './resources.ts';

const maxPasswords = 15;

/** What an application proves itself with, and who owns it. */
export function credentials(graph: Graph): Router {
  const router = Router();
  router.use(passwords(graph));
  router.use(federatedCredentials(graph));
  router.use(owners(graph));
  return router;
}

/** @see https://learn.microsoft.com/graph/api/application-addpassword */
function passwords(graph: Graph): Router {
  const { directory, clock } = graph.tenant;
  const router = Router();
  router.post(
    '/applications/:id/addPassword',
    permitted(graph, needs.writeApplications, (request, response) => {
      const stored = findObject(graph, 'applications', request.params.id);
      const { passwordCredential: sent } = readBody(addPasswordBody, request.body);
      if (stored.passwordCredentials.length >= maxPasswords)
        throw badRequest('The application has too many passwords.');
      const start = sent.startDateTime ?? clock.now().toISOString();
      // Entra's have 40 characters, of which the fourth to sixth say how it was made.
      const secretText = `${randomBytes(2).toString('hex').slice(0, 3)}8Q~${randomBytes(25).toString('base64url')}`;
      const password = {
        keyId: randomUUID(),
        displayName: sent.displayName ?? null,
        hint: secretText.slice(0, 3),
        secretText,
        startDateTime: start,
        endDateTime: sent.endDateTime ?? twoYearsAfter(start),
      };
      directory.replace('applications', { ...stored, passwordCredentials: [...stored.passwordCredentials, password] });
      const context = `${graph.url}/$metadata#microsoft.graph.passwordCredential`;
      response.json({ '@odata.context': context, customKeyIdentifier: null, ...password });
    }),
  );
  router.post(
    '/applications/:id/removePassword',
    permitted(graph, needs.writeApplications, (request, response) => {
      const stored = findObject(graph, 'applications', request.params.id);
      const { keyId } = readBody(removePasswordBody, request.body);
      const kept = stored.passwordCredentials.filter((password) => password.keyId !== keyId);
      if (kept.length === stored.passwordCredentials.length) {
        throw badRequest(`No password credential found with keyId '${keyId}'.`);
      }
      directory.replace('applications', { ...stored, passwordCredentials: kept });
      response.status(204).end();
    }),
  );
  return router;
}

function twoYearsAfter(start: string): string {
  const end = new Date(start);
  end.setUTCFullYear(end.getUTCFullYear() + 2);
  return end.toISOString();
}

/** @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredentials-overview */
function federatedCredentials(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  const path = '/applications/:id/federatedIdentityCredentials';
  const name = 'federatedIdentityCredentials';
  const ofApplication = (id: unknown) => {
    const stored = findObject(graph, 'applications', id);
    return { stored, list: directory.visible('federatedCredentials').filter((one) => one.applicationId === stored.id) };
  };
  router.get(
    path,
    permitted(graph, needs.readApplications, (request, response) => {
      const shown = ofApplication(request.params.id).list.map(shownFederated);
      response.json(listAnswer(directory, request, graph.url, shown, { name, filterable: ['name', 'subject'] }));
    }),
  );
  router.post(
    path,
    permitted(graph, needs.writeApplications, (request, response) => {
      const { stored, list } = ofApplication(request.params.id);
      const body = readBody(federatedCredentialBody, request.body);
      if (list.some((other) => other.name === body.name)) throw alreadyThere('name');
      const created = federatedCredential.parse({ ...body, id: randomUUID(), applicationId: stored.id });
      directory.add('federatedCredentials', created);
      response.status(201).json(objectAnswer(request, graph.url, name, shownFederated(created)));
    }),
  );
  router.delete(
    `${path}/:credential`,
    permitted(graph, needs.writeApplications, (request, response) => {
      const { credential } = request.params;
      const found = ofApplication(request.params.id).list.find(
        (one) => one.id === credential || one.name === credential,
      );
      if (!found) throw notFound(String(credential));
      directory.remove('federatedCredentials', [found.id]);
      response.status(204).end();
    }),
  );
  return router;
}

function shownFederated({ applicationId: _of, ...shown }: Resource<'federatedCredentials'>): Record<string, unknown> {
  return shown;
}

const reference = z.strictObject({ '@odata.id': z.url() });

/** @see https://learn.microsoft.com/graph/api/application-post-owners */
function owners(graph: Graph): Router {
  const { directory, customers } = graph.tenant;
  const router = Router();
  router.get(
    '/applications/:id/owners',
    permitted(graph, needs.readApplications, (request, response) => {
      const stored = findObject(graph, 'applications', request.params.id);
      const list = directory.visible('owners').filter(({ applicationId }) => applicationId === stored.id);
      const shown = list.map(({ ownerId }) => ({
        '@odata.type': '#microsoft.graph.user',
        id: ownerId,
        displayName: customers.findByOid(ownerId)?.displayName ?? null,
      }));
      response.json(listAnswer(directory, request, graph.url, shown, { name: 'directoryObjects', filterable: [] }));
    }),
  );
  router.post(
    '/applications/:id/owners/$ref',
    permitted(graph, needs.writeApplications, (request, response) => {
      const { id: applicationId } = findObject(graph, 'applications', request.params.id);
      const ownerId = readBody(reference, request.body)['@odata.id'].split('/').at(-1) ?? '';
      if (!customers.findByOid(ownerId)) throw notFound(ownerId);
      const id = `${applicationId} ${ownerId}`;
      const isThere = directory.all('owners').some((owner) => owner.id === id);
      if (isThere) throw badRequest("One or more added object references already exist for property 'owners'.");
      directory.add('owners', { id, applicationId, ownerId });
      response.status(204).end();
    }),
  );
  return router;
}
