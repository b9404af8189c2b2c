import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { NotDone } from './errors.ts';

const lockHolder = z.object({ pid: z.int().positive(), host: z.string() });

const staleMs = 60_000;
const longestWaitMs = 10_000;
const pauseMs = 50;

export interface FileLockOptions {
  /** How long to wait for another holder; default: 10 seconds. */
  readonly waitMs?: number;
}

/**
 * A lock among processes: a file that only one of them can create. One that a process left behind when it died, or that is
 * older than a minute, is taken away.
 */
export class FileLock {
  readonly #path: string;
  readonly #waitMs: number;

  constructor(path: string, { waitMs = longestWaitMs }: FileLockOptions = {}) {
    this.#path = path;
    this.#waitMs = waitMs;
  }

  /** @returns what releases it. @throws {NotDone} when another process keeps it; the message says which */
  async acquire(): Promise<() => Promise<void>> {
    const mine = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
    const end = performance.now() + this.#waitMs;
    for (;;) {
      if (await create(this.#path, mine)) return () => this.#release(mine);
      const other = await this.#look();
      if (other?.isStale && (await this.#takeAway(other.content))) continue;
      if (performance.now() >= end) {
        const pid = holderOf(other?.content ?? '')?.pid ?? 'unknown';
        throw new NotDone(
          `The stored sign-in is in use by process ${pid} (${this.#path}). Try again when it has ended.`,
        );
      }
      await delay(pauseMs);
    }
  }

  async #look(): Promise<{ readonly content: string; readonly isStale: boolean } | undefined> {
    const isOld = await isOldFile(this.#path);
    const content = await readFile(this.#path, 'utf8').catch(unless('ENOENT'));
    return content === undefined ? undefined : { content, isStale: isOld || hasDied(holderOf(content)) };
  }

  /** Of several processes that find the same stale lock one removes it; a slower one would remove the next holder's. */
  async #takeAway(stale: string): Promise<boolean> {
    const claim = `${this.#path}.claim`;
    if (!(await create(claim, ''))) {
      if (await isOldFile(claim)) await rm(claim, { force: true });
      return false;
    }
    try {
      if ((await readFile(this.#path, 'utf8').catch(unless('ENOENT'))) !== stale) return false;
      await rm(this.#path, { force: true });
      return true;
    } finally {
      await rm(claim, { force: true });
    }
  }

  /** Leaves the lock alone that another process made after it had found this one stale. */
  async #release(mine: string): Promise<void> {
    const content = await readFile(this.#path, 'utf8').catch(unless('ENOENT'));
    if (content === mine) await rm(this.#path, { force: true });
  }
}

/** @returns whether the file is new, and therefore ours */
async function create(path: string, content: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch(unless('EEXIST'));
  if (!file) return false;
  try {
    await file.writeFile(content);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

/** A file of the future is old too: the clock was set back. */
async function isOldFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch(unless('ENOENT'));
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) > staleMs;
}

/** Undefined also for a lock that is being written. */
function holderOf(content: string): z.output<typeof lockHolder> | undefined {
  try {
    return lockHolder.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}

/** Whether the process is known to be gone; of another machine, with which the folder is shared, nothing is known. */
function hasDied(holder: z.output<typeof lockHolder> | undefined): boolean {
  if (holder?.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === code) return undefined;
    throw error;
  };
}
