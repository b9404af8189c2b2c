import { patchOf } from './complete.ts';
import { assertOurFlow, RegistrationConflict } from './conflict.ts';
import type { Manifest } from './manifest.ts';
import { present, type RegisteredApp, type TenantState } from './read.ts';
import { type Judgement, needs, type Step } from './step.ts';
import { completeUserFlow, flowType, newUserFlow } from './wantedUserFlow.ts';
import { judgementOf } from './words.ts';

const flowsPath = '/identity/authenticationEventsFlows';
const customerApps = ['web', 'headless'] as const;

/** How customers sign up and sign in. */
export const userFlowStep: Step = { id: 'user-flow', needs: needs.userFlows, judge: judgeUserFlow };

function judgeUserFlow(manifest: Manifest, { userFlow }: TenantState): Judgement {
  const { displayName, signInMethod } = manifest.userFlow;
  const title = `user flow "${displayName}"`;
  if (!userFlow) {
    const method = signInMethod === 'password' ? 'email and password' : 'email and one-time code';
    const what = `${title}: sign-up and sign-in with ${method}`;
    return { kind: 'create', what, act: ({ graph }) => graph.post(flowsPath, newUserFlow(manifest)) };
  }
  assertOurFlow(manifest, userFlow);
  const completion = completeUserFlow(manifest, userFlow);
  return judgementOf(title, completion, ({ graph }) =>
    graph.patch(`${flowsPath}/${userFlow.id}`, { ...flowType, ...patchOf(completion) }),
  );
}

/** The apps whose customers use the user flow. */
export const userFlowAppsStep: Step = {
  id: 'user-flow-apps',
  needs: needs.userFlows,
  judge: (manifest, state) => {
    const missing = customerApps.filter((name) => !isInFlow(manifest, state, state[name]));
    const names = (missing.length > 0 ? missing : customerApps).map((name) => `"${manifest[name].displayName}"`);
    const what = `apps of the user flow: ${names.join(', ')}`;
    if (missing.length === 0) return { kind: 'leave', what };
    return {
      kind: 'create',
      what,
      act: async ({ graph }) => {
        const { id } = present(state.userFlow, 'the user flow');
        for (const name of missing) {
          await graph.post(`${flowsPath}/${id}/conditions/applications/includeApplications`, {
            '@odata.type': '#microsoft.graph.authenticationConditionApplication',
            appId: present(state[name], 'the app').application.appId,
          });
        }
      },
    };
  },
};

/** @throws {RegistrationConflict} if the app is in another user flow, because an app can be in one only */
function isInFlow(manifest: Manifest, { userFlow }: TenantState, app: RegisteredApp | undefined): boolean {
  if (!app?.userFlow) return false;
  // Graph may show the app's flow before it finds the flow by its name.
  const { displayName } = manifest.userFlow;
  if (userFlow ? app.userFlow.id === userFlow.id : app.userFlow.displayName === displayName) return true;
  throw new RegistrationConflict(
    `"${app.application.displayName}" is in the user flow "${app.userFlow.displayName}", and an app can be in one ` +
      'only. Remove it from that flow, or use that name in the manifest if configure made the flow.',
  );
}
