import type { ApplyContext } from './apply.ts';
import { assertOurFlow, RegistrationConflict } from './conflict.ts';
import type { UserFlow } from './directory.ts';
import { type Manifest, uniqueNameOf } from './manifest.ts';
import { present, type RegisteredApp, readApp, readUserFlow } from './read.ts';
import { type Judgement, needs, type StepDefinition } from './stepDefinition.ts';
import { completeUserFlow, newUserFlow, userFlowPatch } from './wantedUserFlow.ts';
import { inWords, staysInWords } from './words.ts';

const flowsPath = '/identity/authenticationEventsFlows';
const customerApps = ['web', 'headless'] as const;

/** How customers sign up and in. */
export const userFlowStep: StepDefinition = {
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
  const method = signInMethod === 'password' ? 'email and password' : 'email and a mailed code';
  const title = `user flow "${displayName}"`;
  if (!flow) return { kind: 'create', what: `${title}: sign-up and sign-in with ${method}` };
  assertOurFlow(manifest, flow);
  const completion = completeUserFlow(manifest, flow);
  const stays = staysInWords(completion);
  if (completion.missing.length === 0) return { kind: 'leave', what: `${title}${stays}` };
  return { kind: 'change', what: `${title}: ${inWords(completion.missing)}${stays}` };
}

/** Which apps' customers go through the user flow. */
export const userFlowAppsStep: StepDefinition = {
  id: 'user-flow-apps',
  needs: needs.userFlows,
  judge: (manifest, state) => {
    const missing = customerApps.filter((name) => !isIn(state.userFlow, state[name]));
    const names = (missing.length > 0 ? missing : customerApps).map((name) => `"${manifest[name].displayName}"`);
    return { kind: missing.length > 0 ? 'create' : 'leave', what: `apps of the user flow: ${names.join(', ')}` };
  },
  run: async ({ graph, manifest }: ApplyContext) => {
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

/** @throws {RegistrationConflict} if the app is in another flow: an app can be in one only */
function isIn(flow: UserFlow | undefined, app: RegisteredApp | undefined): boolean {
  if (!app?.userFlow) return false;
  if (app.userFlow.id === flow?.id) return true;
  const name = app.application.displayName;
  throw new RegistrationConflict(
    `"${name}" is in the user flow "${app.userFlow.displayName}", and an app can be in one only. Take it out there, or ` +
      'give the manifest that name if configure made that flow.',
  );
}
