import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { StartedProgram } from '../support/childProcess.ts';
import { freePort } from '../support/freePort.ts';

/** What a program has in use after a garbage collection, in bytes. */
export interface Memory {
  readonly heap: number;
  readonly rss: number;
}

const root = resolve(import.meta.dirname, '../..');
const ominous = /unhandled|uncaught|heap out of memory|MaxListenersExceeded|DeprecationWarning/gi;

/** A program as it is deployed, from `dist`, that can be asked for its memory. */
export class FuzzedProgram {
  readonly url: string;
  readonly #program: StartedProgram;
  readonly #name: string;
  #rounds = 0;
  #exit: string | undefined;

  private constructor(name: string, program: StartedProgram) {
    this.#name = name;
    this.#program = program;
    this.url = program.url;
    void program.exited.then(({ code, signal }) => {
      this.#exit = `${name} ended with ${code ?? signal}`;
    });
  }

  /** @param ready the path that answers once it can be used */
  static async start(name: 'web' | 'api', env: Readonly<Record<string, string>>, ready: string) {
    const { PATH, HOME } = process.env;
    const PORT = env.PORT ?? String(await freePort());
    const probe = resolve(import.meta.dirname, 'memoryProbe.mjs');
    // V8's space for young objects has its full size from the start: growing with the load, it looked like a leak of 30 MB.
    const collection = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];
    const switches = [...collection, '--import', probe, resolve(root, 'dist', name, 'server.js')];
    const child = spawn(process.execPath, switches, {
      cwd: import.meta.dirname,
      env: { PATH, HOME, ...env, PORT },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const program = new StartedProgram(name, `http://localhost:${PORT}`, child);
    await program.answers(ready);
    return new FuzzedProgram(name, program);
  }

  /** Nothing is in use by a program that ended; {@link problems} tells of that. */
  async memory(): Promise<Memory> {
    if (this.#exit) return { heap: 0, rss: 0 };
    this.#rounds += 1;
    process.kill(this.#program.pid, 'SIGUSR2');
    const [, heap, rss] = await this.#program.prints(
      new RegExp(`^memory ${this.#rounds}: (\\d+) heap, (\\d+) rss$`, 'm'),
    );
    return { heap: Number(heap), rss: Number(rss) };
  }

  /** Why it cannot be trusted any more: it ended, or wrote of a failure that nobody handled. */
  problems(): string[] {
    const words = new Set(this.#program.output().match(ominous));
    return [this.#exit ?? [], [...words].map((word) => `${this.#name} wrote "${word}"`)].flat();
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}
