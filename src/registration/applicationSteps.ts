import type { ApplyContext } from './apply.ts';
import { type Completion, complete, patchOf } from './complete.ts';
import { assertOurs, RegistrationConflict } from './conflict.ts';
import type { Application } from './directory.ts';
import { type AppName, type Manifest, uniqueNameOf } from './manifest.ts';
import {
  applicationPath,
  present,
  type RegisteredApp,
  readApp,
  readApplication,
  readDeleted,
  type TenantState,
} from './read.ts';
import { type Judgement, needs, type StepDefinition } from './stepDefinition.ts';
import { namesById, wantedApplication, wantedPreAuthorization } from './wanted.ts';
import { inWords, staysInWords } from './words.ts';

const kinds = { api: 'API', web: 'web app', headless: 'headless app' } as const;
/** What a plan calls the client id that an API does not have yet. */
const newApi = 'the new API';

/** Creates, restores or completes an application. */
export function applicationStep(app: AppName): StepDefinition {
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
  const completion = completeApplication(manifest, app, current, apiAppId);
  return judgement(title, completion, namesById(manifest, apiAppId));
}

function judgement(title: string, completion: Completion, names?: ReadonlyMap<string, string>): Judgement {
  const stays = staysInWords(completion, names);
  if (completion.missing.length === 0) return { kind: 'leave', what: `${title}${stays}` };
  return { kind: 'change', what: `${title}: ${inWords(completion.missing, names)}${stays}` };
}

/** @throws {RegistrationConflict} */
function completeApplication(manifest: Manifest, app: AppName, current: Application, apiAppId: string): Completion {
  assertOurs(manifest, current);
  if (app === 'api') assertSameIds(manifest, current);
  return complete(current, wantedApplication(manifest, app, apiAppId));
}

/** The id of a permission that is in use cannot be changed, and one id cannot mean two permissions. */
function assertSameIds(manifest: Manifest, { api, appRoles }: Application): void {
  const wanted = [...manifest.api.scopes, ...manifest.api.appRoles];
  for (const { id, value } of [...(api?.oauth2PermissionScopes ?? []), ...appRoles]) {
    const other = wanted.find((each) => (each.value === value) !== (each.id === id.toLowerCase()));
    if (!other) continue;
    throw new RegistrationConflict(
      `The API has the permission ${value} with the id ${id}, but the manifest has ${other.value} with ${other.id}. ` +
        'Put the id that the API has into the manifest.',
    );
  }
}

async function runApplication({ graph, manifest }: ApplyContext, app: AppName): Promise<void> {
  const uniqueName = uniqueNameOf(manifest, app);
  const apiAppId = app === 'api' ? '' : (await apiOf({ graph, manifest })).appId;
  let current = await readApplication(graph, uniqueName);
  if (!current) {
    const [deleted] = (await readDeleted(graph, manifest)).filter((each) => each.uniqueName === uniqueName);
    if (!deleted) {
      const body = wantedApplication(manifest, app, apiAppId);
      await graph.patch(applicationPath(uniqueName), body, { createIfMissing: true });
      return;
    }
    assertOurs(manifest, deleted);
    await graph.post(`/directory/deletedItems/${deleted.id}/restore`);
    current = present(await readApplication(graph, uniqueName), `the restored ${kinds[app]}`);
  }
  await patchMissing(graph, current, completeApplication(manifest, app, current, apiAppId));
}

async function patchMissing(graph: ApplyContext['graph'], { id }: Application, completion: Completion): Promise<void> {
  if (completion.missing.length > 0) await graph.patch(`/applications/${id}`, patchOf(completion));
}

type Source = Pick<ApplyContext, 'graph' | 'manifest'>;

async function apiOf({ graph, manifest }: Source): Promise<Application> {
  return present(await readApplication(graph, uniqueNameOf(manifest, 'api')), 'the API');
}

/** The service principal is what customers and consent in this tenant refer to. */
export function servicePrincipalStep(app: AppName): StepDefinition {
  const what = `service principal of the ${kinds[app]}`;
  return {
    id: `${app}-service-principal`,
    needs: needs.applications,
    judge: (_manifest, state) => ({ kind: state[app]?.servicePrincipal ? 'leave' : 'create', what }),
    run: async ({ graph, manifest }) => {
      const found = await readApp(graph, uniqueNameOf(manifest, app));
      const { application, servicePrincipal } = present(found, `the ${kinds[app]}`);
      if (servicePrincipal) return;
      // The tag is what lists it among the enterprise applications of the admin center.
      const tags = ['WindowsAzureActiveDirectoryIntegratedApp'];
      await graph.post('/servicePrincipals', { appId: application.appId, tags });
    },
  };
}

/** `api://{client id}`, which every tenant allows; the client id is known only after the API was created. */
export const identifierUriStep: StepDefinition = {
  id: 'api-identifier-uri',
  needs: needs.applications,
  judge: (_manifest, { api }) => {
    if (!api) return { kind: 'create', what: 'identifier URI of the API: api:// and its client id' };
    return judgement('identifier URI of the API', completeIdentifierUri(api.application));
  },
  run: async (context) => {
    const api = await apiOf(context);
    await patchMissing(context.graph, api, completeIdentifierUri(api));
  },
};

function completeIdentifierUri(api: Application): Completion {
  return complete(api, { identifierUris: [`api://${api.appId}`] });
}

/** Comes after the clients, because Graph takes only clients that exist. */
export const preAuthorizationStep: StepDefinition = {
  id: 'pre-authorization',
  needs: needs.applications,
  judge: (manifest, { api, web, headless }) => {
    const title = 'pre-authorization of both apps at the API';
    if (!api || !web || !headless) return { kind: api ? 'change' : 'create', what: title };
    const completion = completePreAuthorization(manifest, api.application, [web, headless]);
    return judgement(title, completion, clientNames(manifest, web, headless));
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

function clientNames(manifest: Manifest, web: RegisteredApp, headless: RegisteredApp): Map<string, string> {
  return new Map([
    ...namesById(manifest, ''),
    [web.application.appId, manifest.web.displayName],
    [headless.application.appId, manifest.headless.displayName],
  ]);
}
