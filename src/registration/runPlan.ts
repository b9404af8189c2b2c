import { CommandError, exitCodes } from '../entra/terminal/CommandError.ts';
import type { Output } from '../entra/terminal/Output.ts';
import { GraphError, retryPausesMs } from './GraphClient.ts';
import type { Manifest } from './manifest.ts';
import { pending } from './plan.ts';
import { readTenantState, type TenantState } from './read.ts';
import type { ActContext, Need, PlannedStep } from './step.ts';

/** A step failed. The message names it, and the role and permission it needs if Graph answered 403. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(what: string, { role, permission }: Need, cause: GraphError) {
    const advice =
      `Graph does not allow this administrator to do it. It needs the role ${role}, and the permission ${permission} ` +
      'in the sign-in. ';
    super(`${what}: ${cause.status === 403 ? advice : ''}${cause.message}`, { cause });
  }
}

/** The tenant does not show what was applied; the message lists the differences. */
export class NotAsPlanned extends CommandError {
  override readonly name = 'NotAsPlanned';
  readonly exitCode = exitCodes.notDone;

  constructor(steps: readonly PlannedStep[]) {
    super(`The tenant does not show yet: ${steps.map(({ what }) => what).join('; ')}. Run the command again.`);
  }
}

export interface PlanContext extends ActContext {
  readonly manifest: Manifest;
  /** Makes the plan for a state of the tenant. */
  readonly judge: (state: TenantState) => readonly PlannedStep[];
  readonly output: Pick<Output, 'result'>;
}

const marks = { create: '+ create', change: '~ change', leave: '  leave', remove: '- remove' } as const;

/** Shows the plan to the administrator who is to confirm it. */
export function showPlan(steps: readonly PlannedStep[], output: Output): void {
  const plan = steps.map(({ id, kind, what }) => ({ id, kind, what }));
  output.result(
    { plan },
    plan.map(({ kind, what }) => ({ label: marks[kind], text: what })),
  );
}

/** The first repetition only reads again what earlier steps changed, so it needs no pause. */
const pausesMs = [0, ...retryPausesMs];

/**
 * Applies the steps in order and reports each, then verifies that nothing is left to do.
 * @returns the tenant as it is then
 * @throws {StepFailed}
 * @throws {NotAsPlanned}
 * @throws {RegistrationConflict}
 */
export async function runPlan(steps: readonly PlannedStep[], context: PlanContext): Promise<TenantState> {
  let state: TenantState | undefined;
  for (const step of steps) {
    state = await apply(step, state, context);
    context.output.result({ done: step.id }, `done: ${step.what}`);
  }
  return await verify(context);
}

/**
 * Judges one step anew and does what is still missing, however far an earlier run came. Reads the tenant again and
 * repeats that if the state lacks what an earlier step made, Graph does not show a change yet, or may have done it
 * unconfirmed.
 * @param known the tenant as last read in this run
 * @returns the same, or the tenant as it was read since
 */
async function apply(
  { id, what, needs }: PlannedStep,
  known: TenantState | undefined,
  context: PlanContext,
): Promise<TenantState> {
  const { graph, manifest, judge } = context;
  let state = known;
  for (let tries = 0; ; tries++) {
    try {
      state ??= await readTenantState(graph, manifest);
      await judge(state)
        .find((each) => each.id === id)
        ?.act?.(context);
      return state;
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      const pauseMs = pausesMs[tries];
      if (pauseMs === undefined || !isTransient(error)) throw new StepFailed(what, needs, error);
      await graph.wait(pauseMs);
      state = undefined;
    }
  }
}

/**
 * Graph takes seconds to copy new objects to all its replicas, answers 409 to a duplicate, and may have done what it did
 * not confirm.
 * @see https://learn.microsoft.com/graph/best-practices-concept
 */
function isTransient({ status, code, message }: GraphError): boolean {
  if (status === 404 || status === 409 || status >= 500 || code === 'Unreachable') return true;
  return status === 400 && /does not reference a valid application|backing application|already exists/i.test(message);
}

/** Reads the tenant until nothing is left to do, with pauses, because Graph shows changes late. */
async function verify({ graph, manifest, judge }: PlanContext): Promise<TenantState> {
  for (let tries = 0; ; tries++) {
    const state = await readTenantState(graph, manifest);
    const open = pending(judge(state));
    if (open.length === 0) return state;
    const pauseMs = retryPausesMs[tries];
    if (pauseMs === undefined) throw new NotAsPlanned(open);
    await graph.wait(pauseMs);
  }
}
