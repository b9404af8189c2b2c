import { CommandError, exitCodes } from '../entra/terminal/CommandError.ts';
import { type GraphClient, retryPausesMs } from './GraphClient.ts';
import type { Manifest } from './manifest.ts';
import { pending } from './plan.ts';
import { readTenantState, type TenantState } from './read.ts';
import type { PlannedStep } from './step.ts';

/** The tenant does not show what was applied; the message lists the differences. */
export class NotAsPlanned extends CommandError {
  override readonly name = 'NotAsPlanned';
  readonly exitCode = exitCodes.notDone;

  constructor(steps: readonly PlannedStep[]) {
    super(`The tenant does not show yet: ${steps.map(({ what }) => what).join('; ')}. Run the command again.`);
  }
}

/**
 * Reads the tenant until nothing is left to do, with pauses, because Graph shows changes late.
 * @param judge makes the plan for what was read
 * @throws {NotAsPlanned}
 */
export async function verify(
  graph: GraphClient,
  manifest: Manifest,
  judge: (state: TenantState) => readonly PlannedStep[],
): Promise<TenantState> {
  for (let tries = 0; ; tries++) {
    const state = await readTenantState(graph, manifest);
    const open = pending(judge(state));
    if (open.length === 0) return state;
    const pauseMs = retryPausesMs[tries];
    if (pauseMs === undefined) throw new NotAsPlanned(open);
    await graph.wait(pauseMs);
  }
}
