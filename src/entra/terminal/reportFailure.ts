import { SettingsError } from '../../runtime/settings.ts';
import { CommandError, exitCodes } from './CommandError.ts';
import type { Output } from './Output.ts';

/** Says why a command failed. @returns the exit code */
export function reportFailure(error: unknown, output: Pick<Output, 'failure'>, isDebug: boolean): number {
  if (error instanceof CommandError || error instanceof SettingsError) {
    output.failure(error);
    return error instanceof CommandError ? error.exitCode : exitCodes.wrongUse;
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(typeof error);
  output.failure({ name, message: `Unexpected error: ${message} (DEBUG=1 shows where)` });
  if (isDebug) console.error(stack);
  return exitCodes.notDone;
}
