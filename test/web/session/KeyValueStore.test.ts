import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyValueStore, SessionStoreUnavailable } from '../../../src/web/session/KeyValueStore.ts';
import { type OpenRedisStore, type OpenStore, openRedisStore, storeKinds } from './openStore.ts';

const bytes = Buffer.from([0, 255, 128, 13, 10, 195, 40]);
const other = Buffer.from('other');

describe.each(storeKinds)('a KeyValueStore $kind', ({ open }) => {
  let opened: OpenStore;
  let records: KeyValueStore;
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

  it('keeps bytes unchanged', async () => {
    expect(await records.create(newKey(), bytes, 60)).toBe(true);
    expect(await records.get(key)).toEqual(bytes);
  });

  it('keeps an empty value', async () => {
    await records.create(newKey(), Buffer.alloc(0), 60);
    expect(await records.get(key)).toEqual(Buffer.alloc(0));
  });

  it('returns nothing for a key that was never written', async () => {
    expect(await records.get(newKey())).toBeUndefined();
  });

  it('creates a key for one of 20 concurrent calls, and keeps the first value', async () => {
    newKey();
    const created = await Promise.all(
      Array.from({ length: 20 }, (_, index) => records.create(key, Buffer.from([index]), 60)),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(await records.get(key)).toEqual(Buffer.from([created.indexOf(true)]));
  });

  it('replaces an existing value', async () => {
    await records.create(newKey(), bytes, 60);
    expect(await records.replace(key, other)).toBe(true);
    expect(await records.get(key)).toEqual(other);
  });

  it('does not replace a missing value', async () => {
    expect(await records.replace(newKey(), other)).toBe(false);
    expect(await records.get(key)).toBeUndefined();
  });

  it('does not replace a deleted value, and can create it again', async () => {
    await records.create(newKey(), bytes, 60);
    await records.delete([key]);
    expect(await records.replace(key, other)).toBe(false);
    expect(await records.get(key)).toBeUndefined();
    expect(await records.create(key, other, 60)).toBe(true);
  });

  it('deletes several keys, some of them missing', async () => {
    const [first, second] = [newKey(), newKey()];
    await records.create(first, bytes, 60);
    await records.create(second, bytes, 60);
    await records.delete([first, newKey(), second]);
    expect(await Promise.all([first, second].map((each) => records.get(each)))).toEqual([undefined, undefined]);
  });

  it.each([0, -1])('expires a value at once if its time to live becomes %i', async (ttlSeconds) => {
    await records.create(newKey(), bytes, 60);
    await records.expire([key], ttlSeconds);
    expect(await records.get(key)).toBeUndefined();
    expect(await records.replace(key, other)).toBe(false);
    expect(await records.create(key, other, 60)).toBe(true);
  });

  it('does not create a value by extending its lifetime', async () => {
    await records.expire([newKey()], 60);
    expect(await records.get(key)).toBeUndefined();
  });

  it('returns how many keys it deleted', async () => {
    const [first, second] = [newKey(), newKey()];
    await records.create(first, bytes, 60);
    await records.create(second, bytes, 60);
    expect(await records.delete([first, newKey(), second])).toBe(2);
    expect(await records.delete([first, second])).toBe(0);
  });

  it('keeps each member of a set once, until it is removed', async () => {
    newKey();
    await Promise.all(['a', 'b', 'a'].map((member) => records.add(key, member, 60, 10)));
    expect([...(await records.members(key, 10))].sort()).toEqual(['a', 'b']);
    await records.remove(key, ['a']);
    await records.remove(key, ['c']);
    expect(await records.members(key, 10)).toEqual(['b']);
  });

  it('has no set that lost its last member, was deleted or never existed', async () => {
    await records.remove(newKey(), ['a']);
    expect(await records.members(key, 10)).toEqual([]);
    await records.add(key, 'a', 60, 10);
    await records.remove(key, ['a']);
    expect([await records.members(key, 10), await records.delete([key])]).toEqual([[], 0]);
    await records.add(key, 'a', 60, 10);
    expect([await records.delete([key]), await records.members(key, 10)]).toEqual([1, []]);
  });

  it('passes its own check', async () => {
    await expect(records.check()).resolves.toBeUndefined();
  });
});

describe('the time to live on Redis', () => {
  let opened: OpenRedisStore;
  beforeAll(async () => {
    opened = await openRedisStore();
  });
  afterAll(() => opened.close());

  it('is set on creation, survives a replacement, and can be extended for several keys', async () => {
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

  it('of a set restarts with each new member, and stays when one is removed', async () => {
    const { records, redis } = opened;
    await records.add('set', 'a', 100, 10);
    expect(await redis.ttl('set')).toBeLessThanOrEqual(100);
    expect(await redis.ttl('set')).toBeGreaterThan(95);
    await records.add('set', 'b', 500, 10);
    await records.remove('set', ['b']);
    expect(await redis.ttl('set')).toBeGreaterThan(495);
  });
});

describe('RedisKeyValueStore without Redis', () => {
  let opened: OpenRedisStore;
  beforeAll(async () => {
    opened = await openRedisStore();
    await opened.stopServer();
  });
  afterAll(() => opened.close());

  it.each<readonly [string, (records: KeyValueStore) => Promise<unknown>]>([
    ['get', (records) => records.get('k')],
    ['create', (records) => records.create('k', bytes, 60)],
    ['replace', (records) => records.replace('k', bytes)],
    ['expire', (records) => records.expire(['k'], 60)],
    ['delete', (records) => records.delete(['k'])],
    ['add', (records) => records.add('k', 'a', 60, 10)],
    ['remove', (records) => records.remove('k', ['a'])],
    ['members', (records) => records.members('k', 10)],
    ['check', (records) => records.check()],
  ])('%s throws SessionStoreUnavailable with the cause', async (_name, command) => {
    const error = await command(opened.records).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SessionStoreUnavailable);
    expect(error).toMatchObject({ status: 503, cause: expect.any(Error) });
  });
});
