import { randomBytes, randomUUID } from 'node:crypto';
import { type Request, Router } from 'express';
import type { Tenant } from '../state/tenant.ts';
import { needs, permitted } from './access.ts';
import { addPasswordBody, federatedCredentialBody, removePasswordBody } from './applicationSchema.ts';
import { collection } from './collection.ts';
import { alreadyThere, badRequest, notFound } from './GraphProblem.ts';
import { metadataUrl } from './query.ts';
import { findObject, readBody } from './requests.ts';
import type { Resource } from './resources.ts';

const maxPasswords = 15;

/** @see https://learn.microsoft.com/graph/api/application-addpassword */
export function applicationPasswords(tenant: Tenant): Router {
  const { directory, clock, config } = tenant;
  const router = Router();
  router.post(
    '/applications/:id/addPassword',
    permitted(tenant, needs.applications.write, (request, response) => {
      const stored = findObject(tenant, 'applications', request.params.id);
      const { passwordCredential: sent } = readBody(addPasswordBody, request.body);
      if (stored.passwordCredentials.length >= maxPasswords) {
        throw badRequest('The application has too many passwords.');
      }
      const start = sent.startDateTime ?? clock.now().toISOString();
      // As Entra's: 40 characters, with a format version in the fourth to sixth.
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
      const context = metadataUrl(config, 'microsoft.graph.passwordCredential');
      response.json({ '@odata.context': context, customKeyIdentifier: null, ...password });
    }),
  );
  router.post(
    '/applications/:id/removePassword',
    permitted(tenant, needs.applications.write, (request, response) => {
      const stored = findObject(tenant, 'applications', request.params.id);
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
export function federatedCredentials(tenant: Tenant): Router {
  const { directory } = tenant;
  const listOf = (request: Request) => {
    const { id } = findObject(tenant, 'applications', request.params.id);
    return directory.visible('federatedCredentials').filter(({ applicationId }) => applicationId === id);
  };
  return collection<Resource<'federatedCredentials'>>(tenant, {
    name: 'federatedIdentityCredentials',
    path: '/applications/:id/federatedIdentityCredentials',
    needs: needs.applications,
    filterable: ['name', 'subject'],
    list: listOf,
    shown: ({ applicationId: _, ...shown }) => shown,
    create: (request) => {
      const { id: applicationId } = findObject(tenant, 'applications', request.params.id);
      const body = readBody(federatedCredentialBody, request.body);
      if (listOf(request).some(({ name }) => name === body.name)) throw alreadyThere('name');
      const created = { ...body, id: randomUUID(), applicationId };
      directory.add('federatedCredentials', created);
      return created;
    },
    find: (request) => {
      const { key } = request.params;
      const found = listOf(request).find(({ id, name }) => id === key || name === key);
      if (!found) throw notFound(String(key));
      return found;
    },
    remove: ({ id }) => directory.remove('federatedCredentials', id),
  });
}
