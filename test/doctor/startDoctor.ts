import { spawn } from 'node:child_process';
import { StartedProgram } from '../support/childProcess.ts';
import { compiled } from '../support/compiled.ts';

/** Starts the command with the `.env` of a folder, and without the developer's own settings. */
export function startDoctor(
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): StartedProgram {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [compiled('doctor/main.ts'), ...args], {
    cwd: folder,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return new StartedProgram('doctor', '', child);
}
