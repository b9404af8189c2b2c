import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { BadAnswer } from '../faults/badAnswers.ts';
import {
  graphAnswerFaults,
  graphObjectFaults,
  graphPrincipalFaults,
  graphRefusals,
  graphWriteFaults,
  type Refusal,
} from '../faults/graphFaults.ts';
import { errorFields } from '../runtime/logger.ts';
import type { Tenant } from '../state/tenant.ts';
import { authenticate } from './access.ts';
import { applicationPasswords, federatedCredentials } from './applicationCredentials.ts';
import { applications } from './applications.ts';
import { permissionGrants, roleAssignments } from './consent.ts';
import { deletedItems } from './deletedItems.ts';
import { flows } from './flows.ts';
import { GraphProblem, notFound } from './GraphProblem.ts';
import { graphServicePrincipal } from './graphServicePrincipal.ts';
import { organization } from './organization.ts';
import { graphPath } from './query.ts';
import { servicePrincipals } from './servicePrincipals.ts';

const parts = [
  organization,
  applications,
  applicationPasswords,
  federatedCredentials,
  servicePrincipals,
  permissionGrants,
  roleAssignments,
  flows,
  deletedItems,
];

/**
 * The part of Microsoft Graph that registers apps. Sign-ins use a new registration at once.
 * @see https://learn.microsoft.com/graph/api/overview
 */
export function createGraphRouter(tenant: Tenant): Router {
  const router = Router();
  router.use(nameRequest, express.json({ limit: '1mb' }), armedFaults(tenant), alternateKeys(tenant));
  for (const part of parts) router.use(part(tenant));
  router.use(async (request) => {
    await authenticate(tenant, request);
    throw new GraphProblem(400, 'BadRequest', `Resource not found for the segment '${request.path.split('/')[1]}'.`);
  });
  router.use(answerProblem(tenant));
  return Router().use(graphPath, router);
}

/** @see https://learn.microsoft.com/graph/best-practices-concept#reliability-and-support */
const nameRequest: RequestHandler = (request, response, next) => {
  const requestId = randomUUID();
  const given = request.get('client-request-id') ?? '';
  const clientRequestId = /^[\w-]{1,100}$/.test(given) ? given : requestId;
  response.set({ 'request-id': requestId, 'client-request-id': clientRequestId });
  response.set('Cache-Control', 'no-store, no-cache');
  next();
};

function armedFaults({ faults }: Tenant): RequestHandler {
  return async (request, response, next) => {
    const badAnswer = faults.take<BadAnswer>(graphAnswerFaults);
    if (badAnswer) return void (await badAnswer(response));
    const refusal = takeRefusal(faults, request);
    if (refusal) throw refusal;
    if (request.method !== 'GET') faults.take<(response: Response) => void>(graphWriteFaults)?.(response);
    next();
  };
}

function takeRefusal(faults: Tenant['faults'], { path, method, body }: Request): Error | undefined {
  const isPrincipal = path === '/servicePrincipals' && method === 'POST';
  const isOneObject = /[/(][^/]*[0-9a-f]{8}-|[('/][\w-]{43}$/.test(path);
  const refusal =
    faults.take<Refusal>(graphRefusals) ??
    (isPrincipal ? faults.take<Refusal>(graphPrincipalFaults) : undefined) ??
    (isOneObject ? faults.take<Refusal>(graphObjectFaults) : undefined);
  return refusal?.(isPrincipal ? String(Object(body).appId) : (path.split('/').at(-1) ?? ''));
}

/**
 * Rewrites the path of an object that is named by another key to its id. A PATCH by `uniqueName` is left alone: it may
 * create the application.
 * @see https://learn.microsoft.com/graph/api/application-get
 */
function alternateKeys({ directory }: Tenant): RequestHandler {
  return (request, _response, next) => {
    const key = /^\/(applications|servicePrincipals)\((appId|uniqueName)='([^']*)'\)/.exec(request.path);
    const [named = '', collection, property, value = ''] = key ?? [];
    if (!key || (property === 'uniqueName' && request.path === named && request.method === 'PATCH')) return next();
    const wanted = decodeURIComponent(value);
    const found =
      collection === 'applications'
        ? directory.all('applications').find((one) => (property === 'appId' ? one.appId : one.uniqueName) === wanted)
        : [graphServicePrincipal, ...directory.all('servicePrincipals')].find(({ appId }) => appId === wanted);
    if (!found) throw notFound(wanted);
    request.url = request.url.replace(named, `/${collection}/${found.id}`);
    next();
  };
}

function answerProblem({ log, clock }: Tenant): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = toProblem(error);
    if (problem.status === 500 && problem !== error) log.error('Microsoft Graph failed', errorFields(error));
    response.locals.refused = `${problem.code}: ${problem.message}`;
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer realm=""');
    if (problem.status === 429) response.set('Retry-After', '10');
    const innerError = {
      date: clock.now().toISOString().slice(0, 19),
      'request-id': response.get('request-id'),
      'client-request-id': response.get('client-request-id'),
    };
    const { code, message, details } = problem;
    response
      .status(problem.status)
      .json({ error: { code, message, ...(details.length > 0 ? { details } : {}), innerError } });
  };
}

function toProblem(error: unknown): GraphProblem {
  if (error instanceof GraphProblem) return error;
  // Express's own errors (body too large or malformed, invalid percent-encoding) carry a 4xx status.
  const isClientError = error instanceof Error && 'status' in error && Number(error.status) < 500;
  if (isClientError || error instanceof URIError)
    return new GraphProblem(400, 'BadRequest', 'Unable to read JSON request payload.');
  return new GraphProblem(500, 'InternalServerError', 'The local tenant failed; see its log.');
}
