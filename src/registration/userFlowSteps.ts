import { assertOurFlow, RegistrationConflict } from './conflict.ts';
import type { UserFlow } from './graphSchemas.ts';
import { type Manifest, uniqueNameOf } from './manifest.ts';
import { present, type RegisteredApp, readApp, readUserFlow } from './read.ts';
import { type Judgement, needs, type Step } from './step.ts';
import { completeUserFlow, newUserFlow, userFlowPatch } from './wantedUserFlow.ts';
import { judgementOf } from './words.ts';

const flowsPath = '/identity/authenticationEventsFlows';
const customerApps = ['web', 'headless'] as const;

/** How customers sign up and sign in. */
export const userFlowStep: Step = {
  id: 'user-flow',
  needs: needs.userFlows,
  judge: (manifest, { userFlow }) => judgeUserFlow(manifest, userFlow),
  run: async ({ graph, manifest }) => {
    const flow = await readUserFlow(graph, manifest);
    if (!flow) {
      await graph.post(flowsPath, newUserFlow(manifest));
      return;
    }
    assertOurFlow(manifest, flow);
    const completion = completeUserFlow(manifest, flow);
    if (completion.missing.length > 0) await graph.patch(`${flowsPath}/${flow.id}`, userFlowPatch(completion));
  },
};

function judgeUserFlow(manifest: Manifest, flow: UserFlow | undefined): Judgement {
  const { displayName, signInMethod } = manifest.userFlow;
  const title = `user flow "${displayName}"`;
  if (!flow) {
    const method = signInMethod === 'password' ? 'email and password' : 'email and one-time code';
    return { kind: 'create', what: `${title}: sign-up and sign-in with ${method}` };
  }
  assertOurFlow(manifest, flow);
  return judgementOf(title, completeUserFlow(manifest, flow));
}

/** The apps whose customers use the user flow. */
export const userFlowAppsStep: Step = {
  id: 'user-flow-apps',
  needs: needs.userFlows,
  judge: (manifest, state) => {
    const missing = customerApps.filter((name) => !isIn(state.userFlow, state[name]));
    const names = (missing.length > 0 ? missing : customerApps).map((name) => `"${manifest[name].displayName}"`);
    return { kind: missing.length > 0 ? 'create' : 'leave', what: `apps of the user flow: ${names.join(', ')}` };
  },
  run: async ({ graph, manifest }) => {
    const flow = present(await readUserFlow(graph, manifest), 'the user flow');
    for (const name of customerApps) {
      const app = present(await readApp(graph, uniqueNameOf(manifest, name)), 'the app');
      if (isIn(flow, app)) continue;
      await graph.post(`${flowsPath}/${flow.id}/conditions/applications/includeApplications`, {
        '@odata.type': '#microsoft.graph.authenticationConditionApplication',
        appId: app.application.appId,
      });
    }
  },
};

/** @throws {RegistrationConflict} if the app is in another user flow, because an app can be in one only */
function isIn(flow: UserFlow | undefined, app: RegisteredApp | undefined): boolean {
  if (!app?.userFlow) return false;
  if (app.userFlow.id === flow?.id) return true;
  const name = app.application.displayName;
  throw new RegistrationConflict(
    `"${name}" is in the user flow "${app.userFlow.displayName}", and an app can be in one only. Remove it from that ` +
      'flow, or use that name in the manifest if configure made the flow.',
  );
}
