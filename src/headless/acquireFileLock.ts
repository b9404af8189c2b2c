import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { NotDone } from '../entra/terminal/CommandError.ts';
import { systemCode, unless } from './systemErrors.ts';

const staleMs = 60_000;

/**
 * Acquires a lock between processes: a file that only one of them can create. A lock is stale when its process has died,
 * or after a minute; it is then removed.
 * @returns a function that releases the lock
 * @throws {NotDone} when another process keeps it; the message says which
 */
export async function acquireFileLock(path: string, waitMs = 10_000): Promise<() => Promise<unknown>> {
  const mine = `${process.pid}\n${hostname()}\n${randomUUID()}`;
  const end = performance.now() + waitMs;
  for (;;) {
    // After a minute this lock may have become another process's.
    if (await create(path, mine)) return () => removeIf(path, mine);
    // The content before the age: the other way round, a new lock could be taken for the old one.
    const other = (await contentOf(path)) ?? '';
    const isStale = (await isOld(path)) || hasDied(other);
    if (isStale && (await removeStale(path, other))) continue;
    if (performance.now() >= end) {
      const holder = Number.parseInt(other, 10) || 'unknown';
      throw new NotDone(`The stored sign-in is in use by process ${holder} (${path}). Try again when it has ended.`);
    }
    await delay(50);
  }
}

function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(unless('ENOENT'));
}

/** Only one of several processes that find the same stale lock may remove it: a slower one would remove the next lock. */
async function removeStale(path: string, content: string): Promise<boolean> {
  const claim = `${path}.claim`;
  if (!(await create(claim, ''))) {
    if (await isOld(claim)) await rm(claim, { force: true });
    return false;
  }
  try {
    return await removeIf(path, content);
  } finally {
    await rm(claim, { force: true });
  }
}

async function removeIf(path: string, content: string): Promise<boolean> {
  if ((await contentOf(path)) !== content) return false;
  await rm(path, { force: true });
  return true;
}

/** @returns false when the file existed already */
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

/** A file from the future counts as old: the clock was set back. */
async function isOld(path: string): Promise<boolean> {
  const stats = await stat(path).catch(unless('ENOENT'));
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) > staleMs;
}

/** False when it cannot be known: the process runs on another machine, or is still writing the lock. */
function hasDied(content: string): boolean {
  const [pid, host] = content.split('\n');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    // With EPERM it runs as another user.
    return systemCode(error) === 'ESRCH';
  }
}
