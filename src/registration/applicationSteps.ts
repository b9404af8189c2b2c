import { type Completion, complete, patchOf } from './complete.ts';
import { assertOurs, RegistrationConflict } from './conflict.ts';
import type { Application } from './graphSchemas.ts';
import { type AppName, type Manifest, uniqueNameOf } from './manifest.ts';
import { present, type RegisteredApp, readApp, readApplication, readDeleted, type TenantState } from './read.ts';
import { type Judgement, needs, type Step, type StepContext } from './step.ts';
import { namesById, wantedApplication, wantedPreAuthorization } from './wanted.ts';
import { judgementOf } from './words.ts';

const kinds = { api: 'API', web: 'web app', headless: 'headless app' } as const;
/** Stands for the client ID of an API that does not exist yet. */
const newApi = 'the new API';

/** Creates, restores or completes an application. */
export function applicationStep(app: AppName): Step {
  return {
    id: app,
    needs: needs.applications,
    judge: (manifest, state) => judgeApplication(manifest, state, app),
    run: (context) => runApplication(context, app),
  };
}

function judgeApplication(manifest: Manifest, state: TenantState, app: AppName): Judgement {
  const title = `${kinds[app]} "${manifest[app].displayName}"`;
  const current = state[app]?.application;
  if (!current) {
    const deleted = state.deleted.find(({ uniqueName }) => uniqueName === uniqueNameOf(manifest, app));
    if (deleted) assertOurs(manifest, deleted);
    return { kind: 'create', what: deleted ? `${title}: restored from the deleted applications` : title };
  }
  const apiAppId = state.api?.application.appId ?? newApi;
  return judgementOf(title, completeApplication(manifest, app, current, apiAppId), namesById(manifest, apiAppId));
}

/** @throws {RegistrationConflict} */
function completeApplication(manifest: Manifest, app: AppName, current: Application, apiAppId: string): Completion {
  assertOurs(manifest, current);
  if (app === 'api') assertSameIds(manifest, current);
  return complete(current, wantedApplication(manifest, app, apiAppId));
}

/** The id of a permission in use cannot be changed, and two permissions cannot share an id. */
function assertSameIds(manifest: Manifest, { api, appRoles }: Application): void {
  const wanted = [...manifest.api.scopes, ...manifest.api.appRoles];
  for (const { id, value } of [...(api?.oauth2PermissionScopes ?? []), ...appRoles]) {
    const other = wanted.find((each) => (each.value === value) !== (each.id === id.toLowerCase()));
    if (!other) continue;
    throw new RegistrationConflict(
      `The API has the permission ${value} with the id ${id}, but the manifest has ${other.value} with ${other.id}. ` +
        "Use the API's id in the manifest.",
    );
  }
}

async function runApplication({ graph, manifest }: StepContext, app: AppName): Promise<void> {
  const uniqueName = uniqueNameOf(manifest, app);
  const apiAppId = app === 'api' ? '' : (await apiOf({ graph, manifest })).appId;
  let current = await readApplication(graph, uniqueName);
  if (!current) {
    const deleted = (await readDeleted(graph, manifest)).find((each) => each.uniqueName === uniqueName);
    if (!deleted) {
      const body = wantedApplication(manifest, app, apiAppId);
      await graph.patch(`/applications(uniqueName='${uniqueName}')`, body, { createIfMissing: true });
      return;
    }
    assertOurs(manifest, deleted);
    await graph.post(`/directory/deletedItems/${deleted.id}/restore`);
    current = present(await readApplication(graph, uniqueName), `the restored ${kinds[app]}`);
  }
  await patchMissing(graph, current, completeApplication(manifest, app, current, apiAppId));
}

async function patchMissing(graph: StepContext['graph'], { id }: Application, completion: Completion): Promise<void> {
  if (completion.missing.length > 0) await graph.patch(`/applications/${id}`, patchOf(completion));
}

async function apiOf({ graph, manifest }: Pick<StepContext, 'graph' | 'manifest'>): Promise<Application> {
  return present(await readApplication(graph, uniqueNameOf(manifest, 'api')), 'the API');
}

/** Consent and user flows in this tenant refer to the app's service principal. */
export function servicePrincipalStep(app: AppName): Step {
  return {
    id: `${app}-service-principal`,
    needs: needs.applications,
    judge: (_manifest, state) => ({
      kind: state[app]?.servicePrincipal ? 'leave' : 'create',
      what: `service principal of the ${kinds[app]}`,
    }),
    run: async ({ graph, manifest }) => {
      const found = await readApp(graph, uniqueNameOf(manifest, app));
      const { application, servicePrincipal } = present(found, `the ${kinds[app]}`);
      if (servicePrincipal) return;
      // The admin center lists only service principals with this tag as enterprise applications.
      const tags = ['WindowsAzureActiveDirectoryIntegratedApp'];
      await graph.post('/servicePrincipals', { appId: application.appId, tags });
    },
  };
}

/** `api://{client id}`, which every tenant allows. A step of its own, because creating the API yields the client ID. */
export const identifierUriStep: Step = {
  id: 'api-identifier-uri',
  needs: needs.applications,
  judge: (_manifest, { api }) => {
    if (!api) return { kind: 'create', what: 'identifier URI of the API: api:// and its client ID' };
    return judgementOf('identifier URI of the API', completeIdentifierUri(api.application));
  },
  run: async (context) => {
    const api = await apiOf(context);
    await patchMissing(context.graph, api, completeIdentifierUri(api));
  },
};

function completeIdentifierUri(api: Application): Completion {
  return complete(api, { identifierUris: [`api://${api.appId}`] });
}

/** Comes after the clients, because Graph accepts only clients that exist. */
export const preAuthorizationStep: Step = {
  id: 'pre-authorization',
  needs: needs.applications,
  judge: (manifest, { api, web, headless }) => {
    const title = 'pre-authorization of both apps at the API';
    if (!api || !web || !headless) return { kind: api ? 'change' : 'create', what: title };
    const names = new Map([
      ...namesById(manifest, ''),
      [web.application.appId, manifest.web.displayName],
      [headless.application.appId, manifest.headless.displayName],
    ]);
    return judgementOf(title, completePreAuthorization(manifest, api.application, [web, headless]), names);
  },
  run: async (context) => {
    const { graph, manifest } = context;
    const api = await apiOf(context);
    const web = present(await readApp(graph, uniqueNameOf(manifest, 'web')), 'the web app');
    const headless = present(await readApp(graph, uniqueNameOf(manifest, 'headless')), 'the headless app');
    await patchMissing(graph, api, completePreAuthorization(manifest, api, [web, headless]));
  },
};

function completePreAuthorization(manifest: Manifest, api: Application, clients: readonly RegisteredApp[]): Completion {
  const clientIds = clients.map(({ application }) => application.appId);
  return complete(api, wantedPreAuthorization(manifest, clientIds));
}
