import { randomUUID } from 'node:crypto';
import { RedisStore } from 'connect-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SealedClient } from '../../../src/web/session/SealedClient.ts';
import { recordKeys, sessionHash } from '../../../src/web/session/seal.ts';
import { type OpenStore, storeKinds } from './openStore.ts';

/** A session as express-session hands it to its store. */
const sessionOf = (name: string) => ({
  cookie: { originalMaxAge: null },
  customer: { oid: 'o', name },
  signedInAt: 1,
  seenAt: 1,
});
const [alice, bob] = [sessionOf('Alice'), sessionOf('Bob')];

describe.each(storeKinds)('the client that connect-redis uses, over a store $kind', ({ open }) => {
  let opened: OpenStore;
  let client: SealedClient;
  let store: RedisStore;
  let calls: unknown[][];
  let id: string;
  let ttlSeconds: number;
  let isLive: boolean;
  beforeAll(async () => {
    opened = await open();
  });
  beforeEach(() => {
    [calls, id, ttlSeconds, isLive] = [[], randomUUID(), 60, true];
    client = new SealedClient(opened.records, () => isLive);
    store = new RedisStore({ client: noting(client, calls), prefix: '', ttl: () => ttlSeconds });
  });
  afterAll(() => opened.close());

  const held = async () => {
    const values = await Promise.all(recordKeys(sessionHash(id)).map((key) => opened.records.get(key)));
    return values.filter((value) => value !== undefined).length;
  };
  const createAll = async () => {
    await client.create(id, JSON.stringify(alice), 60);
    for (const key of recordKeys(sessionHash(id))) await opened.records.create(key, Buffer.from('x'), 60);
  };

  it('get: the id; a text or null comes back', async () => {
    expect(await store.get(id)).toBeNull();
    await client.create(id, JSON.stringify(alice), 60);
    expect(await store.get(id)).toEqual(alice);
    expect(calls).toEqual([
      ['get', id],
      ['get', id],
    ]);
  });

  it('set: the id, a text and a lifetime; it replaces a session', async () => {
    await client.create(id, JSON.stringify(alice), 60);
    await store.set(id, bob);
    expect(calls).toEqual([['set', id, JSON.stringify(bob), { expiration: { type: 'EX', value: 60 } }]]);
    expect(await store.get(id)).toEqual(bob);
  });

  it('set: it never creates a session, such as one that ended while a request was running', async () => {
    await store.set(id, alice);
    await client.create(id, JSON.stringify(alice), 60);
    await store.destroy(id);
    await store.set(id, alice);
    expect(await held()).toBe(0);
  });

  it('touch: the id and a lifetime, which all four records get', async () => {
    await createAll();
    await store.touch(id, alice);
    expect(calls).toEqual([['expire', id, 60]]);
    ttlSeconds = 0;
    await store.touch(id, alice);
    expect(await held()).toBe(0);
  });

  it('destroy, and set without time left: a list of ids, whose four records are deleted', async () => {
    await createAll();
    await store.destroy(id);
    expect(await held()).toBe(0);
    await createAll();
    ttlSeconds = 0;
    await store.set(id, alice);
    expect(await held()).toBe(0);
    expect(calls).toEqual([
      ['del', [id]],
      ['del', [id]],
    ]);
  });

  it('a session that is over is not found, and its four records are deleted', async () => {
    await createAll();
    isLive = false;
    expect([await store.get(id), await held()]).toEqual([null, 0]);
  });

  it('an id that is taken cannot begin again, and keeps its session', async () => {
    expect(await client.create(id, JSON.stringify(alice), 60)).toBe(true);
    expect(await client.create(id, JSON.stringify(bob), 60)).toBe(false);
    expect(await store.get(id)).toEqual(alice);
  });
});

/** The client, with its calls written down. */
function noting(client: SealedClient, calls: unknown[][]): SealedClient {
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        calls.push([String(name), ...args]);
        return member.apply(target, args);
      };
    },
  });
}
