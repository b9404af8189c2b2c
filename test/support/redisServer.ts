import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './freePort.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, with all it held. */
  stop(): Promise<void>;
  /** Freezes it: connections stay open and nothing is answered. */
  pause(): void;
  resume(): void;
}

/**
 * Starts a real `redis-server` of the test's own, on loopback, with nothing kept on disk.
 * @param port to come back where one was stopped; default: a free one
 * @param settings further command-line options, such as `--requirepass`
 */
export async function startRedis(port?: number, settings: readonly string[] = []): Promise<RedisServer> {
  const listenOn = port ?? (await freePort());
  const directory = await mkdtemp(join(tmpdir(), 'redis-'));
  const options = ['--port', String(listenOn), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const child = spawn('redis-server', [...options, '--appendonly', 'no', ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await ready(child);
  return {
    url: `redis://127.0.0.1:${listenOn}`,
    port: listenOn,
    async stop() {
      process.off('exit', kill);
      kill();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('error', (error) =>
      reject(new Error('redis-server cannot be started; is it installed?', { cause: error })),
    );
    child.once('exit', () => reject(new Error(`redis-server stopped:\n${output}`)));
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
      if (output.includes('eady to accept connections')) resolve();
    });
  });
}
