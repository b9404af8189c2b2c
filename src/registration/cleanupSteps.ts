import { assertOurFlow, assertOurs, isOurFlow } from './conflict.ts';
import { type AppName, uniqueNameOf } from './manifest.ts';
import { present, readApplication, readDeleted, readUserFlow } from './read.ts';
import { needs, type Step } from './step.ts';

export const removeUserFlowStep: Step = {
  id: 'remove-user-flow',
  needs: needs.userFlows,
  judge: (manifest, { userFlow }) => {
    const what = `user flow "${manifest.userFlow.displayName}"`;
    if (!userFlow) return { kind: 'leave', what };
    // Developers choose the name freely, so another flow with that name does not stop cleanup.
    if (!isOurFlow(manifest, userFlow)) return { kind: 'leave', what: `${what}, which configure did not make` };
    return { kind: 'remove', what };
  },
  run: async ({ graph, manifest }) => {
    const flow = await readUserFlow(graph, manifest);
    if (!flow) return;
    assertOurFlow(manifest, flow);
    await graph.delete(`/identity/authenticationEventsFlows/${flow.id}`);
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
      return { kind: 'remove', what: `application "${current.displayName}" (${current.appId})` };
    },
    run: async ({ graph, manifest }) => {
      const current = await readApplication(graph, uniqueNameOf(manifest, app));
      if (!current) return;
      assertOurs(manifest, current);
      await graph.delete(`/applications/${current.id}`);
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
      const deleted = state.deleted.find(({ uniqueName }) => uniqueName === name);
      if (deleted) assertOurs(manifest, deleted);
      const what = `${name} from the deleted applications, permanently`;
      return { kind: deleted || state[app] ? 'remove' : 'leave', what };
    },
    run: async ({ graph, manifest }) => {
      const name = uniqueNameOf(manifest, app);
      const found = (await readDeleted(graph, manifest)).filter(({ uniqueName }) => uniqueName === name);
      present(found[0], `${name} among the deleted applications`);
      for (const each of found) {
        assertOurs(manifest, each);
        await graph.delete(`/directory/deletedItems/${each.id}`);
      }
    },
  };
}
