import { createHash } from 'node:crypto';
import { RESP_TYPES } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashSid } from '../../../src/web/session/SessionIndex.ts';
import { recordKey, recordKinds, sessionHash } from '../../../src/web/session/seal.ts';
import { type OpenRedisStore, openRedisStore } from './openStore.ts';
import { absoluteMs, idleMs, type SessionApp, startSessionApp } from './sessionApp.ts';

let opened: OpenRedisStore;
let app: SessionApp;

beforeAll(async () => {
  opened = await openRedisStore();
  app = await startSessionApp(opened);
});
beforeEach(async () => {
  await opened.redis.flushAll();
  app.aheadMs = 0;
});
afterAll(async () => {
  await app.stop();
  await opened.close();
});

const idOf = (cookie: string) => /=s%3A([\w-]+)\./.exec(cookie)?.[1] ?? '';
const keysOf = (cookie: string) => recordKinds.map((kind) => recordKey(kind, idOf(cookie)));
const allKeys = async () => (await opened.redis.keys('*')).sort();
const indexKey = `web:v1:sid:{${hashSid('tenant-session-id')}}`;
const recordKeysHeld = async () => (await allKeys()).filter((key) => key !== indexKey);

/** Everything that Redis holds: keys, and values in several encodings. */
async function dump(): Promise<string> {
  const inBytes = opened.redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const keys = await allKeys();
  const values = await Promise.all(
    keys.map((key) => (key === indexKey ? inBytes.zRange(key, 0, -1) : inBytes.get(key))),
  );
  const spellings = values
    .flat()
    .flatMap((value) => (['latin1', 'base64', 'hex'] as const).map((encoding) => value?.toString(encoding) ?? ''));
  return [...keys, ...spellings].join('\n');
}

const spellingsOf = (secret: string) =>
  (['utf8', 'base64url', 'hex'] as const).map((encoding) => Buffer.from(secret).toString(encoding));

describe('what Redis holds of a session', () => {
  it('reveals no session id, customer, token or claim, in keys or values', async () => {
    const cookie = await app.begin('Alice Ä');
    const { text } = await app.send('GET', '/claims', cookie);
    const claims = Object.values<unknown>(JSON.parse(text)).map(String);
    const held = await dump();
    const secrets = [idOf(cookie), ...claims, 'access-token-text', 'refresh-token-text', 'RefreshToken', 'customer'];
    expect(secrets).toContain('alice@example.com');
    for (const secret of secrets.flatMap(spellingsOf)) expect(held).not.toContain(secret);
    for (const claim of claims) {
      const hash = createHash('sha256').update(claim).digest('base64url');
      expect(held).not.toContain(hash);
    }
  });

  it('is four records that expire with the session and an index entry, and nothing after sign-out', async () => {
    const cookie = await app.begin();
    expect(await allKeys()).toEqual([...keysOf(cookie), indexKey].sort());
    for (const key of await allKeys()) {
      const lifetimeSeconds = (key === indexKey ? absoluteMs : idleMs) / 1000;
      const ttl = await opened.redis.ttl(key);
      expect(ttl).toBeGreaterThan(lifetimeSeconds - 10);
      expect(ttl).toBeLessThanOrEqual(lifetimeSeconds);
    }
    await app.send('POST', '/end', cookie);
    expect(await allKeys()).toEqual([]);
  });

  it("holds a part of the hash of the tenant's session id only, in an index of hashes", async () => {
    const cookie = await app.begin();
    expect(await opened.redis.zRange(indexKey, 0, -1)).toEqual([sessionHash(idOf(cookie))]);
    expect((await dump()).split(String(hashSid('tenant-session-id')))).toHaveLength(2);
  });

  it('stays while the customer is active, but never past the end of the session', async () => {
    const cookie = await app.begin();
    app.aheadMs = idleMs - 60_000;
    await app.whoIs(cookie);
    for (const key of await allKeys()) expect(await opened.redis.ttl(key)).toBeGreaterThan(idleMs / 1000 - 10);
    for (let hours = 1.5; hours < 11.7; hours += 0.5) {
      app.aheadMs = hours * 3_600_000;
      expect(await app.whoIs(cookie)).toBe('Alice');
    }
    const leftSeconds = (absoluteMs - app.aheadMs) / 1000;
    for (const key of await recordKeysHeld()) {
      expect(await opened.redis.ttl(key)).toBeLessThanOrEqual(leftSeconds);
    }
  });
});

describe('a record that is not the session’s own', () => {
  it('but that of another session, signs nobody in as somebody else', async () => {
    const [alice, bob] = [await app.begin('Alice'), await app.begin('Bob')];
    for (const kind of recordKinds) {
      const [one, other] = [recordKey(kind, idOf(alice)), recordKey(kind, idOf(bob))];
      await opened.redis.rename(one, 'aside');
      await opened.redis.rename(other, one);
      await opened.redis.rename('aside', other);
    }
    expect(await app.whoIs(alice)).toBeUndefined();
    expect(await app.whoIs(bob)).toBeUndefined();
    expect(await app.whoIs(await app.begin('Alice', alice))).toBe('Alice');
  });

  it.each(['', 'x', '{}', '{"customer":{"oid":"1","name":"Mallory"}}', '\0'.repeat(28), 'x'.repeat(100_000)])(
    'F15 but %.20j, is deleted with the others, and the customer is signed out',
    async (value) => {
      const cookie = await app.begin();
      await opened.redis.set(recordKey('session', idOf(cookie)), value, { expiration: 'KEEPTTL' });
      expect(await app.whoIs(cookie)).toBeUndefined();
      expect(await recordKeysHeld()).toEqual([]);
      expect(await app.whoIs(await app.begin('Alice', cookie))).toBe('Alice');
    },
  );

  it.each(['', 'x', '{}'])(
    'but %j in place of the claims, leaves the customer signed in without claims',
    async (value) => {
      const cookie = await app.begin();
      await opened.redis.set(recordKey('claims', idOf(cookie)), value, { expiration: 'KEEPTTL' });
      expect((await app.send('GET', '/claims', cookie)).text).toBe('null');
      expect(await app.whoIs(cookie)).toBe('Alice');
    },
  );

  it('F15 but has a type that the app never writes, is deleted, and the customer is signed out', async () => {
    const cookie = await app.begin();
    const key = recordKey('session', idOf(cookie));
    await opened.redis.del(key);
    await opened.redis.rPush(key, 'x');
    expect(await app.whoIs(cookie)).toBeUndefined();
    expect(await opened.redis.exists(key)).toBe(0);
    expect(await app.whoIs(await app.begin('Alice', cookie))).toBe('Alice');
  });
});
