import { type Completion, complete, patchOf } from './complete.ts';
import { assertOurs, RegistrationConflict } from './conflict.ts';
import type { Application } from './graphSchemas.ts';
import { type AppName, type Manifest, uniqueNameOf } from './manifest.ts';
import { present, readApplications, type TenantState } from './read.ts';
import { type ActContext, type Judgement, needs, type Step } from './step.ts';
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
  };
}

function judgeApplication(manifest: Manifest, state: TenantState, app: AppName): Judgement {
  const title = `${kinds[app]} "${manifest[app].displayName}"`;
  const act: Judgement['act'] = (context) => register(context, manifest, state, app);
  const current = state[app]?.application;
  if (current) {
    const apiAppId = state.api?.application.appId ?? newApi;
    const completion = completeApplication(manifest, app, current, apiAppId);
    return judgementOf(title, completion, act, namesById(manifest, apiAppId));
  }
  const deleted = deletedOf(manifest, state, app);
  if (deleted) assertOurs(manifest, deleted);
  return { kind: 'create', what: deleted ? `${title}: restored from the deleted applications` : title, act };
}

function deletedOf(manifest: Manifest, { deleted }: TenantState, app: AppName): Application | undefined {
  return deleted.find(({ uniqueName }) => uniqueName === uniqueNameOf(manifest, app));
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

async function register({ graph }: ActContext, manifest: Manifest, state: TenantState, app: AppName): Promise<void> {
  const apiAppId = app === 'api' ? '' : present(state.api, 'the API').application.appId;
  let current = state[app]?.application;
  if (!current) {
    const deleted = deletedOf(manifest, state, app);
    if (!deleted) {
      const path = `/applications(uniqueName='${uniqueNameOf(manifest, app)}')`;
      await graph.patch(path, wantedApplication(manifest, app, apiAppId), { createIfMissing: true });
      return;
    }
    await graph.post(`/directory/deletedItems/${deleted.id}/restore`);
    const found = (await readApplications(graph, manifest)).find(({ id }) => id === deleted.id);
    current = present(found, `the restored ${kinds[app]}`);
  }
  const completion = completeApplication(manifest, app, current, apiAppId);
  if (completion.missing.length > 0) await graph.patch(`/applications/${current.id}`, patchOf(completion));
}

/** Consent and user flows in this tenant refer to the app's service principal. */
export function servicePrincipalStep(app: AppName): Step {
  return {
    id: `${app}-service-principal`,
    needs: needs.applications,
    judge: (_manifest, state) => {
      const what = `service principal of the ${kinds[app]}`;
      if (state[app]?.servicePrincipal) return { kind: 'leave', what };
      return {
        kind: 'create',
        what,
        act: ({ graph }) =>
          graph.post('/servicePrincipals', {
            appId: present(state[app], `the ${kinds[app]}`).application.appId,
            // The admin center lists only service principals with this tag as enterprise applications.
            tags: ['WindowsAzureActiveDirectoryIntegratedApp'],
          }),
      };
    },
  };
}

/** `api://{client id}`, which every tenant allows. A step of its own, because creating the API yields the client ID. */
export const identifierUriStep: Step = {
  id: 'api-identifier-uri',
  needs: needs.applications,
  judge: (_manifest, { api }) => {
    const title = 'identifier URI of the API';
    if (!api) return { kind: 'create', what: `${title}: api:// and its client ID`, act: notYet('the API') };
    const { id, appId } = api.application;
    const completion = complete(api.application, { identifierUris: [`api://${appId}`] });
    return judgementOf(title, completion, patching(id, completion));
  },
};

/** Comes after the clients, because Graph accepts only clients that exist. */
export const preAuthorizationStep: Step = {
  id: 'pre-authorization',
  needs: needs.applications,
  judge: (manifest, { api, web, headless }) => {
    const title = 'pre-authorization of both apps at the API';
    if (!api || !web || !headless) {
      return { kind: api ? 'change' : 'create', what: title, act: notYet('the API and both apps') };
    }
    const names = new Map([
      ...namesById(manifest, ''),
      [web.application.appId, manifest.web.displayName],
      [headless.application.appId, manifest.headless.displayName],
    ]);
    const clientIds = [web.application.appId, headless.application.appId];
    const completion = complete(api.application, wantedPreAuthorization(manifest, clientIds));
    return judgementOf(title, completion, patching(api.application.id, completion), names);
  },
};

function patching(id: string, completion: Completion) {
  return ({ graph }: ActContext) => graph.patch(`/applications/${id}`, patchOf(completion));
}

/** Repeats the step until Graph shows what it needs. */
function notYet(what: string) {
  return async () => present(undefined, what);
}
