import { assertOurFlow, assertOurs, isOurFlow } from './conflict.ts';
import { GraphError } from './GraphClient.ts';
import { type AppName, uniqueNameOf } from './manifest.ts';
import { readApplication, readDeleted, readUserFlow } from './read.ts';
import { needs, type StepDefinition } from './stepDefinition.ts';

/** Steps of cleanup are judged only where there is something to remove. */
export const removeUserFlowStep: StepDefinition = {
  id: 'remove-user-flow',
  needs: needs.userFlows,
  judge: (manifest, { userFlow }) => {
    const what = `user flow "${manifest.userFlow.displayName}"`;
    if (!userFlow) return { kind: 'leave', what };
    // The name is the developer's to choose, so that another flow of that name is no reason to stop.
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

/** Its service principal and its consent go with an application. */
export function removeStep(app: AppName): StepDefinition {
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

/** Removes for good what Entra would keep for 30 days. */
export function purgeStep(app: AppName): StepDefinition {
  return {
    id: `purge-${app}`,
    needs: needs.applications,
    judge: (manifest, state) => {
      const name = uniqueNameOf(manifest, app);
      const deleted = state.deleted.find(({ uniqueName }) => uniqueName === name);
      if (deleted) assertOurs(manifest, deleted);
      return {
        kind: deleted || state[app] ? 'remove' : 'leave',
        what: `${name} from the deleted applications, for good`,
      };
    },
    run: async ({ graph, manifest }) => {
      const name = uniqueNameOf(manifest, app);
      const deleted = (await readDeleted(graph, manifest)).filter(({ uniqueName }) => uniqueName === name);
      if (deleted.length === 0) {
        throw new GraphError(`Graph does not show ${name} among the deleted applications`, {
          status: 404,
          code: 'Request_ResourceNotFound',
        });
      }
      for (const each of deleted) {
        assertOurs(manifest, each);
        await graph.delete(`/directory/deletedItems/${each.id}`);
      }
    },
  };
}
