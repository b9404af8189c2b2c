import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KeyValueStore, SessionStoreUnavailable } from '../../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';
import { hashSid, maxSessions, SessionIndex } from '../../../src/web/session/SessionIndex.ts';
import { recordKeys, sessionHash } from '../../../src/web/session/seal.ts';
import { type OpenStore, openRedisStore, storeKinds } from './openStore.ts';
import { type SessionApp, startSessionApp } from './sessionApp.ts';

const hashOf = (cookie: string) => sessionHash(/=s%3A([\w-]+)\./.exec(cookie)?.[1] ?? '');

describe.each(storeKinds)('SessionIndex $kind', ({ open }) => {
  let opened: OpenStore;
  let app: SessionApp;
  let sid: string;
  beforeAll(async () => {
    opened = await open();
    app = await startSessionApp(opened);
  });
  beforeEach(() => {
    sid = crypto.randomUUID();
  });
  afterAll(async () => {
    await app.stop();
    await opened.close();
  });
  const indexed = () => opened.records.members(`web:v1:sid:{${hashSid(sid)}}`, 1_000);
  const held = async (cookie: string) => {
    const values = await Promise.all(recordKeys(hashOf(cookie)).map((key) => opened.records.get(key)));
    return values.filter((value) => value !== undefined).length;
  };

  it('ends the session of a tenant session once, with all its records, and no other', async () => {
    const [alice, bob] = [await app.begin('Alice', '', sid), await app.begin('Bob', '', `${sid}0`)];
    expect(await app.endBySid(sid)).toEqual([hashOf(alice)]);
    expect([await held(alice), await app.whoIs(alice), await indexed()]).toEqual([0, undefined, []]);
    expect(await app.endBySid(sid)).toEqual([]);
    expect([await held(bob), await app.whoIs(bob)]).toEqual([4, 'Bob']);
  });

  it('ends every session that began under a tenant session, such as those of two tabs', async () => {
    const cookies = await Promise.all([1, 2, 3].map(() => app.begin('Alice', '', sid)));
    expect([...(await app.endBySid(sid))].sort()).toEqual(cookies.map(hashOf).sort());
    for (const cookie of cookies) expect(await app.whoIs(cookie)).toBeUndefined();
    expect(await indexed()).toEqual([]);
  });

  it('drops a session after its sign-out, and keeps the others', async () => {
    const [one, other] = [await app.begin('Alice', '', sid), await app.begin('Alice', '', sid)];
    await app.send('POST', '/end', one);
    expect(await indexed()).toEqual([hashOf(other)]);
    await app.send('POST', '/end', other);
    expect(await indexed()).toEqual([]);
  });

  it("drops a replaced session, so that another customer's sign-in is not ended in its place", async () => {
    const alice = await app.begin('Alice', '', sid);
    const bob = await app.begin('Bob', alice, `${sid}0`);
    expect(await indexed()).toEqual([]);
    expect(await app.endBySid(sid)).toEqual([]);
    expect(await app.whoIs(bob)).toBe('Bob');
  });

  it('has only the new session after another sign-in under the same tenant session', async () => {
    const again = await app.begin('Alice', await app.begin('Alice', '', sid), sid);
    expect(await indexed()).toEqual([hashOf(again)]);
  });

  it('does not have sessions without a sid', async () => {
    const cookie = await app.begin('Alice', '', '');
    expect(await app.whoIs(cookie)).toBe('Alice');
    expect(await app.endBySid('')).toEqual([]);
    expect(await app.whoIs(cookie)).toBe('Alice');
  });

  it('keeps at most 100 sessions of a tenant session: the oldest ends', async () => {
    const oldest = await app.begin('Alice', '', sid);
    const second = await app.begin('Alice', '', sid);
    const index = new SessionIndex(opened.records, { idleMs: 60_000, absoluteMs: 60_000 });
    for (let number = 2; number < maxSessions; number += 1) await index.add(hashSid(sid), String(number));
    expect(await app.whoIs(oldest)).toBe('Alice');
    const newest = await app.begin('Alice', '', sid);
    expect([await held(oldest), await app.whoIs(oldest)]).toEqual([0, undefined]);
    expect([await app.whoIs(second), await app.whoIs(newest)]).toEqual(['Alice', 'Alice']);
    expect(await indexed()).toHaveLength(maxSessions);
  });

  it('does not report an expired session as ended by the tenant', async () => {
    const cookie = await app.begin('Alice', '', sid);
    await opened.records.delete(recordKeys(hashOf(cookie)));
    expect(await app.endBySid(sid)).toEqual([]);
    expect(await indexed()).toEqual([]);
  });
});

describe('an index that cannot be written', () => {
  it('leaves the browser without a cookie', async () => {
    const records = new MemoryKeyValueStore();
    records.add = () => Promise.reject(new SessionStoreUnavailable('unavailable'));
    const app = await startSessionApp({ records });
    const { status, cookies } = await app.send('POST', '/begin?name=Alice');
    await app.stop();
    expect({ status, cookies }).toEqual({ status: 503, cookies: [] });
  });
});

describe('the end of a tenant session', () => {
  it('ends more sessions than Redis takes commands at once', async () => {
    const opened = await openRedisStore();
    const app = await startSessionApp(opened);
    const key = `web:v1:sid:{${hashSid('tenant-session')}}`;
    const ended = Array.from({ length: 10_500 }, (_, number) => sessionHash(String(number)));
    await opened.redis.zAdd(
      key,
      ended.map((value) => ({ score: 1, value })),
    );
    const alice = await app.begin('Alice', '', 'tenant-session');
    expect(await app.endBySid('tenant-session')).toEqual([hashOf(alice)]);
    expect([await app.whoIs(alice), await opened.records.members(key, 1)]).toEqual([undefined, []]);
    await app.stop();
    await opened.close();
  });

  it('ends 20,000 sessions once, although 200 calls ask for it at the same time', async () => {
    const opened = await openRedisStore();
    const calls: string[] = [];
    const index = new SessionIndex(counted(opened.records, calls), { idleMs: 60_000, absoluteMs: 60_000 });
    const key = 'web:v1:sid:{a-sid}';
    const hashes = Array.from({ length: 20_000 }, (_, number) => sessionHash(String(number)));
    await opened.redis.zAdd(
      key,
      hashes.map((value) => ({ score: 1, value })),
    );
    await Promise.all(hashes.map((hash) => opened.redis.set(recordKeys(hash)[0] ?? '', 'sealed')));
    const ended = await Promise.all(Array.from({ length: 200 }, () => index.end('a-sid')));
    expect(ended.flat().sort()).toEqual(hashes.sort());
    expect(calls.filter((call) => call === 'delete')).toHaveLength(20_000);
    expect(await opened.redis.dbSize()).toBe(0);
    await opened.close();
  });

  it('leaves a session that begins meanwhile in the index, for the next call', async () => {
    const records = new BusyStore();
    const app = await startSessionApp({ records });
    const begun = [await app.begin('Alice', '', 'tenant-session')];
    records.onDelete = async () => void begun.push(await app.begin('Alice', '', 'tenant-session'));
    expect(await app.endBySid('tenant-session')).toEqual([hashOf(begun[0] ?? '')]);
    expect(await app.endBySid('tenant-session')).toEqual([hashOf(begun[1] ?? '')]);
    await app.stop();
  });
});

/** A store that notes which methods are called. */
function counted(records: KeyValueStore, calls: string[]): KeyValueStore {
  return new Proxy(records, {
    get(target, method: keyof KeyValueStore) {
      return (...values: never[]) => {
        calls.push(method);
        return Reflect.apply(target[method], target, values);
      };
    },
  });
}

/** A store in which something else happens during a deletion. */
class BusyStore extends MemoryKeyValueStore {
  onDelete: (() => Promise<void>) | undefined;

  override async delete(keys: readonly string[]): Promise<number> {
    const happen = this.onDelete;
    this.onDelete = undefined;
    await happen?.();
    return await super.delete(keys);
  }
}
