import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { compiled } from './compiled.ts';
import { freePort } from './freePort.ts';

export type ProgramName = 'tenant' | 'api' | 'web' | 'dev';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const waitMs = 30_000;
const killAfterMs = 20_000;
const root = resolve(import.meta.dirname, '../..');
const programs: Readonly<Record<ProgramName, readonly string[]>> = {
  tenant: [resolve(root, 'local-tenant/bin.js')],
  api: [compiled('api/server.ts')],
  web: [compiled('web/server.ts')],
  dev: ['--import', import.meta.resolve('tsx'), resolve(root, 'src/dev.ts')],
};

/**
 * Starts a program as a real process with exactly this environment (and PATH, HOME). The developer's own
 * settings and `.env` do not reach it. Without a PORT it gets a free one.
 * @param cwd default: a folder without a `.env`
 */
export async function startProgram(
  name: ProgramName,
  env: Readonly<Record<string, string>> = {},
  cwd: string = import.meta.dirname,
): Promise<StartedProgram> {
  const { PATH, HOME } = process.env;
  const PORT = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, programs[name], {
    cwd,
    env: { PATH, HOME, ...env, PORT },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return new StartedProgram(name, `http://localhost:${PORT}`, child);
}

/** A program that is running or has ended. Every wait has a timeout and fails with the program's output. */
export class StartedProgram {
  /** `http://localhost:` and its PORT. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when the program has ended and `output()` is complete. */
  readonly exited: Promise<Exit>;
  readonly #name: string;
  #output = '';
  #result = '';
  #hasExited = false;
  #hasClosed = false;

  constructor(name: string, url: string, child: ChildProcessByStdio<Writable | null, Readable, Readable>) {
    this.#name = name;
    this.url = url;
    this.pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part) => {
        this.#output += part;
      });
    }
    child.stdout.on('data', (part) => {
      this.#result += part;
    });
    // Stop the program even if a test fails before it calls stop().
    const onTestsEnd = () => this.#signal('SIGTERM');
    process.once('exit', onTestsEnd);
    child.once('exit', () => {
      this.#hasExited = true;
      process.off('exit', onTestsEnd);
    });
    this.exited = new Promise((done) => {
      child.once('close', (code, signal) => {
        this.#hasClosed = true;
        done({ code, signal });
      });
    });
  }

  /** The output so far: standard output and standard error, interleaved. */
  output(): string {
    return this.#output;
  }

  /** The standard output so far. */
  result(): string {
    return this.#result;
  }

  /** Resolves with the match once the output contains it. */
  prints(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#until(`printed ${pattern}`, async () => this.#output.match(pattern) ?? undefined);
  }

  /** Resolves once `path` answers with a status from 200 to 299. */
  async answers(path: string): Promise<void> {
    await this.#until(`answered ${path}`, () => isOk(`${this.url}${path}`));
  }

  /** Sends a signal to its process group, as a terminal does with Ctrl-C; SIGKILL follows after 20 s. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.#signal(signal);
    const kill = setTimeout(() => this.#signal('SIGKILL'), killAfterMs);
    const exit = await this.exited;
    clearTimeout(kill);
    return exit;
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#hasExited && this.pid > 0) process.kill(-this.pid, signal);
  }

  async #until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
    for (const end = Date.now() + waitMs; Date.now() < end; await delay(50)) {
      const hasClosed = this.#hasClosed;
      const found = await look();
      if (found !== undefined) return found;
      if (hasClosed) throw new Error(`${this.#name} ended before it ${what}:\n${this.#output}`);
    }
    throw new Error(`${this.#name} has not ${what} in ${waitMs} ms:\n${this.#output}`);
  }
}

async function isOk(url: string): Promise<true | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' });
    await response.arrayBuffer();
    return response.ok ? true : undefined;
  } catch {
    return undefined;
  }
}
