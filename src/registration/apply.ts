import { type GraphClient, GraphError, retryPausesMs } from './GraphClient.ts';
import type { Manifest } from './manifest.ts';
import { type PlanOptions, type Step, stepDefinitions } from './plan.ts';
import type { Need } from './stepDefinition.ts';

export interface NewSecret {
  readonly value: string;
  readonly keyId: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface ApplyContext {
  readonly graph: GraphClient;
  readonly manifest: Manifest;
  readonly options: PlanOptions;
  /** Called with a new secret before the step ends: Graph shows it this once. */
  readonly saveSecret: (secret: NewSecret) => Promise<void>;
}

/** A step could not be done; the message says which, and what the administrator lacks if Graph refused. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly step: Step;

  constructor(message: string, step: Step, cause: Error) {
    super(message, { cause });
    this.step = step;
  }
}

/**
 * Does one step; it reads what it needs again, so that it may have been done already, or half. What Graph does not
 * show yet, or may have done without saying so, is looked for again after a pause.
 * @throws {StepFailed}
 * @throws {RegistrationConflict}
 */
export async function apply(step: Step, context: ApplyContext): Promise<void> {
  const definition = stepDefinitions.get(step.id);
  if (!definition || step.kind === 'leave') return;
  for (let tries = 0; ; tries++) {
    try {
      return await definition.run(context);
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      const pauseMs = retryPausesMs[tries];
      if (pauseMs === undefined || !isPassing(error))
        throw new StepFailed(failure(step, error, definition.needs), step, error);
      await context.graph.wait(pauseMs);
    }
  }
}

/**
 * Whether reading again and trying again may help: Graph copies what is new to all its replicas in seconds, names a
 * duplicate 409, and may have done what it did not confirm.
 * @see https://learn.microsoft.com/graph/best-practices-concept
 */
function isPassing({ status, code, message }: GraphError): boolean {
  if (status === 404 || status === 409 || status >= 500 || code === 'Unreachable') return true;
  return status === 400 && /does not reference a valid application|backing application|already exists/i.test(message);
}

function failure({ what }: Step, error: GraphError, { role, permission }: Need): string {
  if (error.status !== 403) return `${what}: ${error.message}`;
  return (
    `${what}: Graph does not let this administrator do it. It takes the role ${role}, and the permission ${permission} ` +
    `in the sign-in. ${error.message}`
  );
}
