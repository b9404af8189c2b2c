import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyValueStore, SessionStoreUnavailable } from '../../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';
import { recordKey, recordKinds } from '../../../src/web/session/seal.ts';
import { type OpenStore, storeKinds } from './openStore.ts';
import { type SessionApp, type SessionAppOptions, startSessionApp } from './sessionApp.ts';

/** The session id in a Cookie header: `session=s%3A<id>.<signature>`. */
const sessionIdOf = (cookie: string) => /=s%3A([\w-]+)\./.exec(cookie)?.[1] ?? '';
const keysOf = (cookie: string) => recordKinds.map((kind) => recordKey(kind, sessionIdOf(cookie)));

async function withApp(options: SessionAppOptions, use: (app: SessionApp) => Promise<void>): Promise<void> {
  const app = await startSessionApp(options);
  try {
    await use(app);
  } finally {
    await app.stop();
  }
}

describe.each(storeKinds)('Sessions $kind', ({ open }) => {
  let opened: OpenStore;
  let app: SessionApp;
  beforeAll(async () => {
    opened = await open();
    app = await startSessionApp(opened);
  });
  afterAll(async () => {
    await app.stop();
    await opened.close();
  });
  const held = async (cookie: string) => {
    const values = await Promise.all(keysOf(cookie).map((key) => opened.records.get(key)));
    return values.filter((value) => value !== undefined).length;
  };

  it('begin with four records, and are found again by their cookie', async () => {
    const cookie = await app.begin('Alice');
    expect(sessionIdOf(cookie)).toHaveLength(43);
    expect(await held(cookie)).toBe(4);
    expect(await app.whoIs(cookie)).toBe('Alice');
    expect((await app.send('GET', '/claims', cookie)).text).toContain('alice@example.com');
  });

  it('give strangers neither a cookie nor a record', async () => {
    const { text, cookies } = await app.send('GET', '/who');
    expect({ text, cookies }).toEqual({ text: '{}', cookies: [] });
  });

  it("A-59 replace a browser's session with one that has a new id, and end the old one", async () => {
    const planted = await app.begin('Mallory');
    const cookie = await app.begin('Alice', planted);
    expect(sessionIdOf(cookie)).not.toBe(sessionIdOf(planted));
    expect([await held(planted), await held(cookie)]).toEqual([0, 4]);
    expect(await app.whoIs(planted)).toBeUndefined();
    expect(await app.whoIs(cookie)).toBe('Alice');
  });

  it('A-61 treat a signed cookie without a record as signed out, and never begin under its id', async () => {
    const gone = await app.begin();
    await app.send('POST', '/end', gone);
    expect(await app.whoIs(gone)).toBeUndefined();
    const cookie = await app.begin('Alice', gone);
    expect(sessionIdOf(cookie)).not.toBe(sessionIdOf(gone));
  });

  it('reject a cookie with a wrong signature', async () => {
    const cookie = await app.begin();
    expect(await app.whoIs(cookie.slice(0, -1))).toBeUndefined();
    expect(await app.whoIs(`session=${sessionIdOf(cookie)}`)).toBeUndefined();
    expect(await app.whoIs(`session=s%3A${sessionIdOf(cookie)}.`)).toBeUndefined();
    expect(await app.whoIs(cookie)).toBe('Alice');
  });

  it('A-77 end with all four records and the cookie, and a captured cookie is worthless', async () => {
    const cookie = await app.begin();
    const { status, cookies } = await app.send('POST', '/end', cookie);
    expect(status).toBe(204);
    expect(cookies).toEqual(['session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax']);
    expect(await held(cookie)).toBe(0);
    expect(await app.whoIs(cookie)).toBeUndefined();
  });

  it('end without an error if there is none, or it has ended already', async () => {
    const cookie = await app.begin();
    expect((await app.send('POST', '/end')).status).toBe(204);
    const twice = await Promise.all([app.send('POST', '/end', cookie), app.send('POST', '/end', cookie)]);
    expect(twice.map(({ status }) => status)).toEqual([204, 204]);
  });

  it.each([64, 65, 5_000])('are at most 300 bytes long with a name of %i characters', async (length) => {
    const cookie = await app.begin('n'.repeat(length));
    const [sessionKey = ''] = keysOf(cookie);
    expect((await opened.records.get(sessionKey))?.length).toBeLessThanOrEqual(300);
    expect(await app.whoIs(cookie)).toBe('n'.repeat(64));
  });

  it.each([
    ['letters of three bytes', '名'.repeat(64)],
    ['characters of four bytes', `a${'😀'.repeat(64)}`],
    ['what JSON has to escape', '\u0001'.repeat(64)],
  ])('are at most 300 bytes long with a name of %s, which is cut between two characters', async (_kind, name) => {
    const cookie = await app.begin(name);
    const [sessionKey = ''] = keysOf(cookie);
    expect((await opened.records.get(sessionKey))?.length).toBeLessThanOrEqual(300);
    const kept = await app.whoIs(cookie);
    expect(kept).toMatch(/^\P{Cs}+$/u);
    expect(name.startsWith(kept ?? '')).toBe(true);
  });
});

describe('the session cookie', () => {
  it('on http is HttpOnly and Lax, for the whole host, and ends with the browser', async () => {
    await withApp({ records: new MemoryKeyValueStore() }, async (app) => {
      const { cookies } = await app.send('POST', '/begin?name=Alice');
      expect(cookies).toHaveLength(1);
      expect(cookies[0]).toMatch(/^session=s%3A[\w-]{43}\.[\w%]+; Path=\/; HttpOnly; SameSite=Lax$/);
    });
  });

  it('A-62 on https is bound to the host and to https, when it begins and when it ends', async () => {
    await withApp({ records: new MemoryKeyValueStore(), isHttps: true }, async (app) => {
      const { cookies } = await app.send('POST', '/begin?name=Alice');
      expect(cookies).toHaveLength(1);
      expect(cookies[0]).toMatch(/^__Host-session=s%3A[\w-]{43}\.[\w%]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      const ended = await app.send('POST', '/end', cookies[0]?.split(';')[0]);
      expect(ended.cookies).toEqual([
        '__Host-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
      ]);
    });
  });

  it('is sent once, not with every answer', async () => {
    await withApp({ records: new MemoryKeyValueStore() }, async (app) => {
      const cookie = await app.begin();
      app.aheadMs += 5 * 60_000;
      for (const path of ['/who', '/held?change=1', '/claims']) {
        expect((await app.send('GET', path, cookie)).cookies).toEqual([]);
      }
    });
  });

  it('stays valid while the secret is rotated', async () => {
    const records = new MemoryKeyValueStore();
    const [older, newer] = ['an-old-secret-of-32-characters-xx', 'a-new-secret-of-32-characters-xxx'];
    let cookie = '';
    await withApp({ records, secrets: [older] }, async (app) => {
      cookie = await app.begin();
    });
    await withApp({ records, secrets: [newer, older] }, async (app) => expect(await app.whoIs(cookie)).toBe('Alice'));
    await withApp({ records, secrets: [newer] }, async (app) => expect(await app.whoIs(cookie)).toBeUndefined());
  });
});

describe('a session that cannot be stored', () => {
  const fail = () => Promise.reject(new SessionStoreUnavailable('unavailable'));

  it.each([0, 1, 2, 3])('leaves the browser without a cookie when record %i fails', async (failing) => {
    const memory = new MemoryKeyValueStore();
    let writes = 0;
    const create: KeyValueStore['create'] = (...record) => (writes++ === failing ? fail() : memory.create(...record));
    await withApp({ records: withChanges(memory, { create }) }, async (app) => {
      const { status, text, cookies } = await app.send('POST', '/begin?name=Alice');
      expect({ status, text, cookies }).toEqual({ status: 503, text: 'SessionStoreUnavailable', cookies: [] });
    });
  });

  it('leaves the browser its old cookie when the old session cannot be ended', async () => {
    const memory = new MemoryKeyValueStore();
    let isFailing = false;
    const remove: KeyValueStore['delete'] = (keys) => (isFailing ? fail() : memory.delete(keys));
    await withApp({ records: withChanges(memory, { delete: remove }) }, async (app) => {
      const cookie = await app.begin('Alice');
      isFailing = true;
      const { status, cookies } = await app.send('POST', '/begin?name=Bob', cookie);
      expect({ status, cookies }).toEqual({ status: 503, cookies: [] });
      expect(await app.whoIs(cookie)).toBe('Alice');
    });
  });
});

/** A store with some methods replaced. */
function withChanges(records: KeyValueStore, changes: Partial<KeyValueStore>): KeyValueStore {
  return {
    get: (key) => records.get(key),
    create: (key, value, ttlSeconds) => records.create(key, value, ttlSeconds),
    replace: (key, value) => records.replace(key, value),
    expire: (keys, ttlSeconds) => records.expire(keys, ttlSeconds),
    delete: (keys) => records.delete(keys),
    add: (key, member, ttlSeconds, limit) => records.add(key, member, ttlSeconds, limit),
    remove: (key, members) => records.remove(key, members),
    members: (key, count) => records.members(key, count),
    check: () => records.check(),
    ...changes,
  };
}
