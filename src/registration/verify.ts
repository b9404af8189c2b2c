import { type GraphClient, retryPausesMs } from './GraphClient.ts';
import type { Manifest } from './manifest.ts';
import { type PlanOptions, plan, planCleanup, type Step } from './plan.ts';
import { readTenantState, type TenantState } from './read.ts';

/** The tenant does not hold what was applied; the message names what differs. */
export class NotAsPlanned extends Error {
  override readonly name = 'NotAsPlanned';

  constructor(steps: readonly Step[]) {
    super(
      `The tenant does not show yet:\n${steps.map(({ what }) => `  - ${what}`).join('\n')}\nRun the command again.`,
    );
  }
}

/**
 * Reads back what was applied, again after a pause while Graph does not show it.
 * @param options with the new secret, if there is one
 * @throws {NotAsPlanned}
 */
export function verify(graph: GraphClient, manifest: Manifest, options: PlanOptions): Promise<TenantState> {
  return untilDone(graph, manifest, (state) => plan(manifest, state, options));
}

/** The same for what was removed. @throws {NotAsPlanned} */
export function verifyCleanup(
  graph: GraphClient,
  manifest: Manifest,
  options: { purge: boolean },
): Promise<TenantState> {
  return untilDone(graph, manifest, (state) => planCleanup(manifest, state, options));
}

async function untilDone(graph: GraphClient, manifest: Manifest, judge: (state: TenantState) => Step[]) {
  for (let tries = 0; ; tries++) {
    const state = await readTenantState(graph, manifest);
    const open = judge(state).filter(({ kind }) => kind !== 'leave');
    if (open.length === 0) return state;
    const pauseMs = retryPausesMs[tries];
    if (pauseMs === undefined) throw new NotAsPlanned(open);
    await graph.wait(pauseMs);
  }
}
