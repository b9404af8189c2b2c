import { GraphError, retryPausesMs } from './GraphClient.ts';
import type { Need, PlannedStep, StepContext } from './step.ts';

/** A step failed. The message names it, and the role and permission it needs if Graph answered 403. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/**
 * Runs one step, and runs it again after a pause if Graph does not show a change yet, or may have done it unconfirmed.
 * @throws {StepFailed}
 * @throws {RegistrationConflict}
 */
export async function apply({ what, needs, run }: PlannedStep, context: StepContext): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await run(context);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      const pauseMs = retryPausesMs[tries];
      if (pauseMs === undefined || !isTransient(error)) {
        throw new StepFailed(`${what}: ${reasonOf(error, needs)}`, {
          cause: error,
        });
      }
      await context.graph.wait(pauseMs);
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

function reasonOf({ status, message }: GraphError, { role, permission }: Need): string {
  if (status !== 403) return message;
  return (
    `Graph does not allow this administrator to do it. It needs the role ${role}, and the permission ${permission} ` +
    `in the sign-in. ${message}`
  );
}
