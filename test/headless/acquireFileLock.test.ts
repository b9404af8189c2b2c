import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NotDone } from '../../src/entra/terminal/CommandError.ts';
import { acquireFileLock } from '../../src/headless/acquireFileLock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(folder, 'tokens.json.lock');
});
afterEach(() => rm(folder, { recursive: true }));

/** The id of a process that has ended. */
const deadPid = () => spawnSync('true').pid;
const leave = (pid: number, host = hostname()) => writeFile(path, `${pid}\n${host}\nleft`);
const acquire = (waitMs = 0) => acquireFileLock(path, waitMs);
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

it('a lock has one holder at a time', async () => {
  const release = await acquire();
  const error = await failure(acquire());
  expect(error).toBeInstanceOf(NotDone);
  expect(String(error)).toContain(`process ${process.pid}`);
  await release();
  await (await acquire())();
  expect(await readdir(folder)).toEqual([]);
});

it('a process that waits for a lock gets it once it is released', async () => {
  const release = await acquire();
  const waiting = acquire(10_000);
  await release();
  await (await waiting)();
});

it('the lock of a process that has died is removed', async () => {
  await leave(deadPid());
  await (await acquire())();
  expect(await readdir(folder)).toEqual([]);
});

it.each([
  ['a running process', process.pid, hostname()],
  ['a process on another machine', deadPid(), 'another-machine'],
])('the lock of %s is left alone until it is a minute old', async (_name, pid, host) => {
  await leave(pid, host);
  expect(await failure(acquire())).toBeInstanceOf(NotDone);
  for (const minutes of [-2, 2]) {
    await leave(pid, host);
    const at = new Date(Date.now() + minutes * 60_000);
    await utimes(path, at, at);
    await (await acquire())();
  }
});

it('a lock that is still being written is left alone', async () => {
  await writeFile(path, '');
  expect(await failure(acquire())).toBeInstanceOf(NotDone);
});

it('a release leaves a lock alone that another process has taken over', async () => {
  const release = await acquire();
  await leave(process.pid);
  await release();
  expect(await readFile(path, 'utf8')).toContain('left');
});

it('of twenty processes that find a stale lock at the same time, one gets it', async () => {
  const pid = deadPid();
  const acquireAfter = async (turns: number) => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    return await acquire();
  };
  for (let round = 0; round < 50; round += 1) {
    await leave(pid);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => acquireAfter(index)));
    const releases = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(releases).toHaveLength(1);
    await releases[0]?.();
  }
  expect(await readdir(folder)).toEqual([]);
});

it('a claim on a stale lock whose process died is removed after a minute', async () => {
  await leave(deadPid());
  await writeFile(`${path}.claim`, '');
  expect(await failure(acquire())).toBeInstanceOf(NotDone);
  const at = new Date(Date.now() - 120_000);
  await utimes(`${path}.claim`, at, at);
  await (await acquire(10_000))();
  expect(await readdir(folder)).toEqual([]);
});
