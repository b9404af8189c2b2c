import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import { needs } from './access.ts';
import { findObject, type Graph, permitted, readBody } from './exchange.ts';
import { flowSchema, flowType, includedApplication } from './flowSchema.ts';
import { alreadyThere, badRequest, GraphProblem, notFound } from './GraphProblem.ts';
import { listAnswer, objectAnswer } from './query.ts';
import type { Flow } from './resources.ts';

const path = '/identity/authenticationEventsFlows';
const name = 'identity/authenticationEventsFlows';
const applicationsPath = `${path}/:id/conditions/applications/includeApplications`;

/**
 * User flows and the apps that use them.
 * @see https://learn.microsoft.com/graph/api/resources/externalusersselfservicesignupeventsflow
 */
export function flows(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  router.get(
    path,
    permitted(graph, needs.readFlows, (request, response) => {
      const options = { name, filterable: ['displayName'], specialFilter: ofApplication };
      response.json(listAnswer(directory, request, graph.url, directory.visible('flows'), options));
    }),
  );
  router.post(
    path,
    permitted(graph, needs.writeFlows, (request, response) => {
      const created = { ...readBody(flowSchema, request.body), id: randomUUID() };
      checkFlow(graph, created);
      directory.add('flows', created);
      response.status(201).json(objectAnswer(request, graph.url, name, created));
    }),
  );
  router.get(
    `${path}/:id`,
    permitted(graph, needs.readFlows, (request, response) => {
      response.json(objectAnswer(request, graph.url, name, findObject(graph, 'flows', request.params.id)));
    }),
  );
  router.patch(
    `${path}/:id`,
    permitted(graph, needs.writeFlows, (request, response) => {
      const { id, ...stored } = findObject(graph, 'flows', request.params.id);
      const sent = readBody(z.looseObject({ '@odata.type': z.literal(flowType) }), request.body);
      const changed = { ...readBody(flowSchema, { ...stored, ...sent }), id };
      checkFlow(graph, changed);
      directory.replace('flows', changed);
      response.status(204).end();
    }),
  );
  router.delete(
    `${path}/:id`,
    permitted(graph, needs.writeFlows, (request, response) => {
      directory.remove('flows', [findObject(graph, 'flows', request.params.id).id]);
      response.status(204).end();
    }),
  );
  router.use(flowApplications(graph));
  return router;
}

function flowApplications(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  const shown = ({ appId }: { readonly appId: string }) => ({
    '@odata.type': '#microsoft.graph.authenticationConditionApplication',
    appId,
  });
  const listName = `${name}/includeApplications`;
  router.get(
    applicationsPath,
    permitted(graph, needs.readFlows, (request, response) => {
      const list = appsOf(findObject(graph, 'flows', request.params.id)).map(shown);
      response.json(listAnswer(directory, request, graph.url, list, { name: listName, filterable: ['appId'] }));
    }),
  );
  router.post(
    applicationsPath,
    permitted(graph, needs.writeFlows, (request, response) => {
      const flow = findObject(graph, 'flows', request.params.id);
      const added = readBody(includedApplication, request.body);
      if (appsOf(flow).some(({ appId }) => appId === added.appId)) throw alreadyThere('appId');
      const changed = withApps(flow, [...appsOf(flow), added]);
      checkFlow(graph, changed);
      directory.replace('flows', changed);
      response.status(201).json(objectAnswer(request, graph.url, listName, shown(added)));
    }),
  );
  router.delete(
    `${applicationsPath}/:appId`,
    permitted(graph, needs.writeFlows, (request, response) => {
      const flow = findObject(graph, 'flows', request.params.id);
      const kept = appsOf(flow).filter(({ appId }) => appId !== request.params.appId);
      if (kept.length === appsOf(flow).length) throw notFound(String(request.params.appId));
      directory.replace('flows', withApps(flow, kept));
      response.status(204).end();
    }),
  );
  return router;
}

const appsOf = (flow: Flow) => flow.conditions.applications.includeApplications;

function withApps(flow: Flow, includeApplications: ReturnType<typeof appsOf>): Flow {
  return { ...flow, conditions: { applications: { includeApplications } } };
}

/** A name is one flow's, and an app is in one flow. An app that was in the flow before may be gone by now. */
function checkFlow({ tenant: { directory } }: Graph, flow: Flow): void {
  const others = directory.all('flows').filter(({ id }) => id !== flow.id);
  if (others.some(({ displayName }) => displayName === flow.displayName)) throw alreadyThere('displayName');
  const before = directory
    .all('flows')
    .filter(({ id }) => id === flow.id)
    .flatMap(appsOf);
  for (const { appId } of appsOf(flow).filter((added) => !before.some((app) => app.appId === added.appId))) {
    if (!directory.visible('applications').some((application) => application.appId === appId)) {
      throw badRequest(`The application '${appId}' does not exist.`);
    }
    if (others.some((other) => appsOf(other).some((included) => included.appId === appId))) {
      throw new GraphProblem(409, 'Request_BadRequest', `The application '${appId}' is in another user flow already.`);
    }
  }
}

/** The flow that an app is in. @see https://learn.microsoft.com/graph/api/identitycontainer-list-authenticationeventsflows */
function ofApplication(text: string) {
  const property =
    'microsoft.graph.externalUsersSelfServiceSignUpEventsFlow/conditions/applications/includeApplications';
  const start = `${property}/any(appId:appId/appId eq '`;
  if (!text.startsWith(start) || !text.endsWith("')")) return undefined;
  const wanted = text.slice(start.length, -2).toLowerCase();
  return (shown: Readonly<Record<string, unknown>>) => {
    const { data } = conditions.safeParse(shown);
    return data?.conditions.applications.includeApplications.some(({ appId }) => appId === wanted) ?? false;
  };
}

const conditions = z.object({
  conditions: z.object({ applications: z.object({ includeApplications: z.array(z.object({ appId: z.string() })) }) }),
});
