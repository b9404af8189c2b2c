import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryRecords, type Records, RecordsUnavailable } from '../../../src/web/session/records.ts';
import { kindsOfRecords, type OpenRecords, type OpenRedisRecords, openRedisRecords } from './openRecords.ts';

const bytes = Buffer.from([0, 255, 128, 13, 10, 195, 40]);
const other = Buffer.from('other');

describe.each(kindsOfRecords)('records $kind', ({ open }) => {
  let opened: OpenRecords;
  let records: Records;
  let key: string;
  beforeAll(async () => {
    opened = await open();
    records = opened.records;
  });
  afterAll(() => opened.close());
  const newKey = () => {
    key = `web:v1:test:${randomUUID()}`;
    return key;
  };

  it('keep bytes as they are', async () => {
    expect(await records.create(newKey(), bytes, 60)).toBe(true);
    expect(await records.get(key)).toEqual(bytes);
  });

  it('keep an empty record', async () => {
    await records.create(newKey(), Buffer.alloc(0), 60);
    expect(await records.get(key)).toEqual(Buffer.alloc(0));
  });

  it('hold nothing under a key that was never written', async () => {
    expect(await records.get(newKey())).toBeUndefined();
  });

  it('create once, for one of 20 at the same time, and leave the first', async () => {
    newKey();
    const created = await Promise.all(
      Array.from({ length: 20 }, (_, index) => records.create(key, Buffer.from([index]), 60)),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(await records.get(key)).toEqual(Buffer.from([created.indexOf(true)]));
  });

  it('replace what is there', async () => {
    await records.create(newKey(), bytes, 60);
    expect(await records.replace(key, other)).toBe(true);
    expect(await records.get(key)).toEqual(other);
  });

  it('replace nothing that is not there', async () => {
    expect(await records.replace(newKey(), other)).toBe(false);
    expect(await records.get(key)).toBeUndefined();
  });

  it('replace nothing that was deleted, and may create it anew', async () => {
    await records.create(newKey(), bytes, 60);
    await records.delete([key]);
    expect(await records.replace(key, other)).toBe(false);
    expect(await records.get(key)).toBeUndefined();
    expect(await records.create(key, other, 60)).toBe(true);
  });

  it('delete several, of which some are not there', async () => {
    const [first, second] = [newKey(), newKey()];
    await records.create(first, bytes, 60);
    await records.create(second, bytes, 60);
    await records.delete([first, newKey(), second]);
    expect(await Promise.all([first, second].map((each) => records.get(each)))).toEqual([undefined, undefined]);
  });

  it.each([0, -1])('end a record whose time to live becomes %i', async (ttlSeconds) => {
    await records.create(newKey(), bytes, 60);
    await records.expire([key], ttlSeconds);
    expect(await records.get(key)).toBeUndefined();
    expect(await records.replace(key, other)).toBe(false);
    expect(await records.create(key, other, 60)).toBe(true);
  });

  it('bring nothing into being by prolonging it', async () => {
    await records.expire([newKey()], 60);
    expect(await records.get(key)).toBeUndefined();
  });

  it('answer a ping', async () => {
    await expect(records.ping()).resolves.toBeUndefined();
  });
});

describe('the time to live on Redis', () => {
  let opened: OpenRedisRecords;
  beforeAll(async () => {
    opened = await openRedisRecords();
  });
  afterAll(() => opened.close());

  it('is what it was created with, stays over a replacement, and can be prolonged for several', async () => {
    const { records, redis } = opened;
    const ttls = () => Promise.all(['a', 'b'].map((key) => redis.ttl(key)));
    await records.create('a', bytes, 100);
    await records.create('b', bytes, 100);
    await records.create('a', other, 9_999);
    await records.replace('a', other);
    for (const ttl of await ttls()) expect(ttl).toBeGreaterThan(95);
    for (const ttl of await ttls()) expect(ttl).toBeLessThanOrEqual(100);
    await records.expire(['a', 'b'], 500);
    for (const ttl of await ttls()) expect(ttl).toBeGreaterThan(495);
  });
});

describe('records on a Redis that stopped', () => {
  let opened: OpenRedisRecords;
  beforeAll(async () => {
    opened = await openRedisRecords();
    await opened.stopServer();
  });
  afterAll(() => opened.close());

  it.each<readonly [string, (records: Records) => Promise<unknown>]>([
    ['get', (records) => records.get('k')],
    ['create', (records) => records.create('k', bytes, 60)],
    ['replace', (records) => records.replace('k', bytes)],
    ['expire', (records) => records.expire(['k'], 60)],
    ['delete', (records) => records.delete(['k'])],
    ['ping', (records) => records.ping()],
  ])('%s says that they are unavailable, and keeps the cause', async (_name, command) => {
    const error = await command(opened.records).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecordsUnavailable);
    expect(error).toMatchObject({ status: 503, cause: expect.any(Error) });
  });
});

describe('records in process', () => {
  it('end by the clock, to the millisecond', async () => {
    let nowMs = 1_000;
    const records = new MemoryRecords(() => nowMs);
    await records.create('k', bytes, 60);
    nowMs += 59_999;
    await records.replace('k', other);
    expect(await records.get('k')).toEqual(other);
    nowMs += 1;
    expect(await records.get('k')).toBeUndefined();
    expect(await records.replace('k', other)).toBe(false);
    await records.expire(['k'], 60);
    expect(await records.get('k')).toBeUndefined();
    expect(await records.create('k', bytes, 60)).toBe(true);
  });

  it('last longer when they are prolonged, from then on', async () => {
    let nowMs = 0;
    const records = new MemoryRecords(() => nowMs);
    await records.create('k', bytes, 60);
    nowMs = 30_000;
    await records.expire(['k'], 60);
    nowMs = 89_999;
    expect(await records.get('k')).toEqual(bytes);
    nowMs = 90_000;
    expect(await records.get('k')).toBeUndefined();
  });

  it('are let go of some time after they ended, so that the process does not grow', async () => {
    let nowMs = 0;
    const records = new MemoryRecords(() => nowMs);
    const held: WeakRef<Buffer>[] = [];
    await fill(records, held);
    nowMs = 61_000;
    await records.create('one more', bytes, 60);
    await collectGarbage();
    expect(held.filter((reference) => reference.deref()).length).toBe(0);
  });
});

async function fill(records: Records, held: WeakRef<Buffer>[]): Promise<void> {
  for (let index = 0; index < 100; index += 1) {
    const value = Buffer.alloc(100_000);
    held.push(new WeakRef(value));
    await records.create(`k${index}`, value, 1);
  }
}

/** Collects now; the test then sees what is still referred to. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node cannot be told to collect garbage');
  // A WeakRef keeps its target until the task that looked at it is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}
