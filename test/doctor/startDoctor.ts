import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { StartedProgram } from '../support/childProcess.ts';

const main = resolve(import.meta.dirname, '../../src/doctor/main.ts');

/** Starts the command with the `.env` of a folder, and without the developer's own settings. */
export function startDoctor(
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): StartedProgram {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...args], {
    cwd: folder,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return new StartedProgram('doctor', '', child);
}
