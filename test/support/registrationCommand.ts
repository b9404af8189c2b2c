import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { StartedProgram } from './childProcess.ts';
import { compiled } from './compiled.ts';

export interface CommandEnded {
  readonly code: number | null;
  readonly stdout: string;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
}

/** Starts `configure`, `rotate` or `cleanup` in a folder, without a terminal and without settings of the developer's own. */
export function startRegistration(
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): { program: StartedProgram; keyboard: Writable } {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [compiled('registration/main.ts'), ...args], {
    cwd: folder,
    env: { PATH, HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => {});
  return { program: new StartedProgram(args.join(' '), '', child), keyboard: child.stdin };
}

/** Runs it to its end. @throws {Error} when a stack or a token shows in what it wrote */
export async function runRegistration(...given: Parameters<typeof startRegistration>): Promise<CommandEnded> {
  const { program, keyboard } = startRegistration(...given);
  keyboard.end();
  return await endOf(program);
}

export async function endOf(program: StartedProgram): Promise<CommandEnded> {
  const { code } = await program.exited;
  const output = program.output();
  if (/\n {4}at |eyJ[\w-]+\.[\w-]/.test(output)) throw new Error(`A stack or a token in:\n${output}`);
  return { code, stdout: program.result(), output };
}
