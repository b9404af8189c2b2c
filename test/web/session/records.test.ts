import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Records, RecordsUnavailable } from '../../../src/web/session/records.ts';
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

  it('say how many of several they deleted', async () => {
    const [first, second] = [newKey(), newKey()];
    await records.create(first, bytes, 60);
    await records.create(second, bytes, 60);
    expect(await records.delete([first, newKey(), second])).toBe(2);
    expect(await records.delete([first, second])).toBe(0);
  });

  it('keep each member of a set once, until it is removed', async () => {
    newKey();
    await Promise.all(['a', 'b', 'a'].map((member) => records.add(key, member, 60)));
    expect([...(await records.members(key))].sort()).toEqual(['a', 'b']);
    await records.remove(key, 'a');
    await records.remove(key, 'c');
    expect(await records.members(key)).toEqual(['b']);
  });

  it('have no set whose last member was removed, that was deleted, or that never was', async () => {
    await records.remove(newKey(), 'a');
    expect(await records.members(key)).toEqual([]);
    await records.add(key, 'a', 60);
    await records.remove(key, 'a');
    expect([await records.members(key), await records.delete([key])]).toEqual([[], 0]);
    await records.add(key, 'a', 60);
    expect([await records.delete([key]), await records.members(key)]).toEqual([1, []]);
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

  it('of a set begins anew with each member, and stays when one is removed', async () => {
    const { records, redis } = opened;
    await records.add('set', 'a', 100);
    expect(await redis.ttl('set')).toBeLessThanOrEqual(100);
    expect(await redis.ttl('set')).toBeGreaterThan(95);
    await records.add('set', 'b', 500);
    await records.remove('set', 'b');
    expect(await redis.ttl('set')).toBeGreaterThan(495);
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
    ['add', (records) => records.add('k', 'a', 60)],
    ['remove', (records) => records.remove('k', 'a')],
    ['members', (records) => records.members('k')],
    ['ping', (records) => records.ping()],
  ])('%s says that they are unavailable, and keeps the cause', async (_name, command) => {
    const error = await command(opened.records).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecordsUnavailable);
    expect(error).toMatchObject({ status: 503, cause: expect.any(Error) });
  });
});
