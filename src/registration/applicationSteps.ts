import { type Completion, complete, patchOf } from './complete.ts';
import { assertOurs, RegistrationConflict } from './conflict.ts';
import type { Application } from './graphSchemas.ts';
import { type AppName, type Manifest, uniqueNameOf } from './manifest.ts';
import { present, type TenantState } from './read.ts';
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
  const uniqueName = uniqueNameOf(manifest, app);
  const current = state[app]?.application;
  if (current) {
    assertOurs(manifest, current);
    if (app === 'api') assertSameIds(manifest, current);
    const apiAppId = state.api?.application.appId ?? newApi;
    const completion = complete(current, wantedApplication(manifest, app, apiAppId));
    const act = async (context: ActContext) => {
      present(state.api, 'the API');
      await patching(current.id, completion)(context);
    };
    return judgementOf(title, completion, act, namesById(manifest, apiAppId));
  }
  const deleted = state.deleted.find((each) => each.uniqueName === uniqueName);
  if (deleted) {
    assertOurs(manifest, deleted);
    const act = async ({ graph }: ActContext) => {
      await graph.post(`/directory/deletedItems/${deleted.id}/restore`);
      // The step is repeated, and completes the application.
      await notYet(`the restored ${kinds[app]}`)();
    };
    return { kind: 'create', what: `${title}: restored from the deleted applications`, act };
  }
  const act = async ({ graph }: ActContext) => {
    const apiAppId = app === 'api' ? '' : present(state.api, 'the API').application.appId;
    const wanted = wantedApplication(manifest, app, apiAppId);
    await graph.patch(`/applications(uniqueName='${uniqueName}')`, wanted, { createIfMissing: true });
  };
  return { kind: 'create', what: title, act };
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
