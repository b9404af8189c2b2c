import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { StartedProgram } from '../support/childProcess.ts';
import { freePort } from '../support/freePort.ts';

/** A program's memory use after a garbage collection, in bytes. */
export interface Memory {
  readonly heap: number;
  readonly rss: number;
}

const root = resolve(import.meta.dirname, '../..');
const ominous = /unhandled|uncaught|heap out of memory|MaxListenersExceeded|DeprecationWarning/gi;

/** A program from `dist`, as deployed, whose memory use can be read. */
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

  /** @param ready the path that answers once the program is ready */
  static async start(name: 'web' | 'api', env: Readonly<Record<string, string>>, ready: string) {
    const { PATH, HOME } = process.env;
    const PORT = env.PORT ?? String(await freePort());
    const probe = resolve(import.meta.dirname, 'memoryProbe.mjs');
    // Fix the size of V8's young generation: its growth under load looked like a leak of 30 MB.
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

  /** Zero if the program has ended, which {@link problems} reports. */
  async memory(): Promise<Memory> {
    if (this.#exit) return { heap: 0, rss: 0 };
    this.#rounds += 1;
    process.kill(this.#program.pid, 'SIGUSR2');
    const [, heap, rss] = await this.#program.prints(
      new RegExp(`^memory ${this.#rounds}: (\\d+) heap, (\\d+) rss$`, 'm'),
    );
    return { heap: Number(heap), rss: Number(rss) };
  }

  /** Problems so far: the program ended, or logged an unhandled failure. */
  problems(): string[] {
    const words = new Set(this.#program.output().match(ominous));
    return [this.#exit ?? [], [...words].map((word) => `${this.#name} wrote "${word}"`)].flat();
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}
