import { assertOurs, isOurFlow } from './conflict.ts';
import { type AppName, uniqueNameOf } from './manifest.ts';
import { present } from './read.ts';
import { needs, type Step } from './step.ts';

export const removeUserFlowStep: Step = {
  id: 'remove-user-flow',
  needs: needs.userFlows,
  judge: (manifest, { userFlow }) => {
    const what = `user flow "${manifest.userFlow.displayName}"`;
    if (!userFlow) return { kind: 'leave', what };
    // Developers choose the name freely, so another flow with that name does not stop cleanup.
    if (!isOurFlow(manifest, userFlow)) return { kind: 'leave', what: `${what}, which configure did not make` };
    const path = `/identity/authenticationEventsFlows/${userFlow.id}`;
    return { kind: 'remove', what, act: ({ graph }) => graph.delete(path) };
  },
};

/** Graph removes the application's service principal and its consent with it. */
export function removeStep(app: AppName): Step {
  return {
    id: `remove-${app}`,
    needs: needs.applications,
    judge: (manifest, state) => {
      const current = state[app]?.application;
      if (!current) return { kind: 'leave', what: `no application ${uniqueNameOf(manifest, app)}` };
      assertOurs(manifest, current);
      const what = `application "${current.displayName}" (${current.appId})`;
      return { kind: 'remove', what, act: ({ graph }) => graph.delete(`/applications/${current.id}`) };
    },
  };
}

/** Removes a deleted application permanently; Entra would keep it for 30 days. */
export function purgeStep(app: AppName): Step {
  return {
    id: `purge-${app}`,
    needs: needs.applications,
    judge: (manifest, state) => {
      const name = uniqueNameOf(manifest, app);
      const found = state.deleted.filter(({ uniqueName }) => uniqueName === name);
      for (const each of found) assertOurs(manifest, each);
      return {
        kind: found.length > 0 || state[app] ? 'remove' : 'leave',
        what: `${name} from the deleted applications, permanently`,
        act: async ({ graph }) => {
          // Graph may show an application neither as existing nor as deleted for a while after its removal.
          present(found[0], `${name} among the deleted applications`);
          for (const { id } of found) await graph.delete(`/directory/deletedItems/${id}`);
        },
      };
    },
  };
}
