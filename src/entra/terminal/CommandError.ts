import { visibleText } from '../../runtime/visibleText.ts';

/** Exit codes that every command has, for scripts. Shells expect 128 and the signal's number after an interruption. */
export const exitCodes = { done: 0, notDone: 1, wrongUse: 2, interrupted: 130 } as const;

/** Why a command failed, for the person who ran it: one line that says what happened and what to do. */
export abstract class CommandError extends Error {
  abstract readonly exitCode: number;

  /** @param message may quote a tenant, an API or a file */
  constructor(message: string, options: ErrorOptions = {}) {
    super(visibleText(message).slice(0, 1_000), options);
  }
}

/** The arguments or settings cannot be used. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';
  readonly exitCode = exitCodes.wrongUse;
}

/** It was refused or cannot be done; the same command would fail again. */
export class NotDone extends CommandError {
  override readonly name = 'NotDone';
  readonly exitCode = exitCodes.notDone;
}
