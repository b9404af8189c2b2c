import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import type { Tenant } from '../state/tenant.ts';
import { needs } from './access.ts';
import { collection } from './collection.ts';
import { flowSchema, flowType, includedApplication } from './flowSchema.ts';
import { alreadyThere, badRequest, GraphProblem, notFound } from './GraphProblem.ts';
import { findObject, readBody, readChanges } from './requests.ts';
import type { Flow } from './resources.ts';

const name = 'identity/authenticationEventsFlows';
const appsOf = (flow: Flow) => flow.conditions.applications.includeApplications;
type IncludedApplication = ReturnType<typeof appsOf>[number];

/** @see https://learn.microsoft.com/graph/api/resources/externalusersselfservicesignupeventsflow */
export function flows(tenant: Tenant): Router {
  const { directory } = tenant;
  const userFlows = collection<Flow>(tenant, {
    name,
    path: `/${name}`,
    needs: needs.flows,
    filterable: ['displayName'],
    specialFilter: ofApplication,
    list: () => directory.visible('flows'),
    find: ({ params }) => findObject(tenant, 'flows', params.key),
    create: ({ body }) => {
      const created = { ...readBody(flowSchema, body), id: randomUUID() };
      checkFlow(tenant, created);
      directory.add('flows', created);
      return created;
    },
    change: (stored, { body }) => {
      const sent = readBody(z.looseObject({ '@odata.type': z.literal(flowType) }), body);
      replaceFlow(tenant, { ...readChanges(flowSchema, stored, sent), id: stored.id });
    },
    remove: ({ id }) => directory.remove('flows', id),
  });
  return Router().use(userFlows).use(includedApplications(tenant));
}

function includedApplications(tenant: Tenant): Router {
  return collection<IncludedApplication>(tenant, {
    name: `${name}/includeApplications`,
    path: `/${name}/:id/conditions/applications/includeApplications`,
    needs: needs.flows,
    filterable: ['appId'],
    shown: ({ appId }) => ({ '@odata.type': '#microsoft.graph.authenticationConditionApplication', appId }),
    list: ({ params }) => appsOf(findObject(tenant, 'flows', params.id)),
    create: ({ params, body }) => {
      const flow = findObject(tenant, 'flows', params.id);
      const added = readBody(includedApplication, body);
      if (appsOf(flow).some(({ appId }) => appId === added.appId)) throw alreadyThere('appId');
      replaceFlow(tenant, withApps(flow, [...appsOf(flow), added]));
      return added;
    },
    find: ({ params }) => {
      const found = appsOf(findObject(tenant, 'flows', params.id)).find(({ appId }) => appId === params.key);
      if (!found) throw notFound(String(params.key));
      return found;
    },
    remove: (included, { params }) => {
      const flow = findObject(tenant, 'flows', params.id);
      const kept = appsOf(flow).filter(({ appId }) => appId !== included.appId);
      tenant.directory.replace('flows', withApps(flow, kept));
    },
  });
}

function withApps(flow: Flow, includeApplications: IncludedApplication[]): Flow {
  return { ...flow, conditions: { applications: { includeApplications } } };
}

function replaceFlow(tenant: Tenant, flow: Flow): void {
  checkFlow(tenant, flow);
  tenant.directory.replace('flows', flow);
}

/**
 * Names are unique, and an app is in one flow at most. Apps that are already in the flow are not checked: they may have
 * been deleted since.
 */
function checkFlow({ directory }: Tenant, flow: Flow): void {
  const others = directory.all('flows').filter(({ id }) => id !== flow.id);
  if (others.some(({ displayName }) => displayName === flow.displayName)) throw alreadyThere('displayName');
  const stored = directory.all('flows').find(({ id }) => id === flow.id);
  const before = stored ? appsOf(stored).map(({ appId }) => appId) : [];
  for (const { appId } of appsOf(flow).filter((added) => !before.includes(added.appId))) {
    if (!directory.visible('applications').some((application) => application.appId === appId)) {
      throw badRequest(`The application '${appId}' does not exist.`);
    }
    if (others.some((other) => appsOf(other).some((included) => included.appId === appId))) {
      throw new GraphProblem(409, 'Request_BadRequest', `The application '${appId}' is in another user flow already.`);
    }
  }
}

/** Filters by an app that the flow includes. @see https://learn.microsoft.com/graph/api/identitycontainer-list-authenticationeventsflows */
function ofApplication(text: string) {
  const property =
    'microsoft.graph.externalUsersSelfServiceSignUpEventsFlow/conditions/applications/includeApplications';
  const start = `${property}/any(appId:appId/appId eq '`;
  if (!text.startsWith(start) || !text.endsWith("')")) return undefined;
  const wanted = text.slice(start.length, -2).toLowerCase();
  return (shown: object) => {
    const flow = flowSchema.pick({ conditions: true }).strip().parse(shown);
    return flow.conditions.applications.includeApplications.some(({ appId }) => appId === wanted);
  };
}
