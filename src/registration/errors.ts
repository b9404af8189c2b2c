/** What the process ends with, for scripts. */
export const exitCodes = { done: 0, failed: 1, wrongUse: 2, notConfirmed: 3, interrupted: 130 } as const;

/** What the administrator is told: what happened, and what to do. */
export abstract class RegistrationError extends Error {
  abstract readonly exitCode: number;
}

/** The arguments, the settings or the dependencies ask for nothing that can be done. */
export class UsageError extends RegistrationError {
  override readonly name = 'UsageError';
  readonly exitCode = exitCodes.wrongUse;
}

/** The administrator said no, and nothing was changed. */
export class NotConfirmed extends RegistrationError {
  override readonly name = 'NotConfirmed';
  readonly exitCode = exitCodes.notConfirmed;
}

/** It was tried and cannot be done as things are in the tenant or on this machine. */
export class NotDone extends RegistrationError {
  override readonly name = 'NotDone';
  readonly exitCode = exitCodes.failed;
}
