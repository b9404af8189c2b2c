import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeyValueStore, SessionStoreUnavailable } from '../../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';
import { SealedStore } from '../../../src/web/session/SealedStore.ts';
import { absoluteMs, idleMs, type SessionApp, startSessionApp } from './sessionApp.ts';

const minuteMs = 60_000;
/** Longer than any step of a test takes. */
const marginMs = 30_000;

/** Counts commands, and can be unavailable for some. */
class CountedStore implements KeyValueStore {
  readonly #records: KeyValueStore;
  commands: string[] = [];
  readonly failing = new Set<string>();

  constructor(records: KeyValueStore) {
    this.#records = records;
  }

  get = (key: string) => this.#run(`get ${kindOf(key)}`, () => this.#records.get(key));
  create = (key: string, value: Buffer, ttlSeconds: number) =>
    this.#run(`create ${kindOf(key)}`, () => this.#records.create(key, value, ttlSeconds));
  replace = (key: string, value: Buffer) =>
    this.#run(`replace ${kindOf(key)}`, () => this.#records.replace(key, value));
  expire = (keys: readonly string[], ttlSeconds: number) =>
    this.#run(`expire ${keys.length}`, () => this.#records.expire(keys, ttlSeconds));
  delete = (keys: readonly string[]) => this.#run(`delete ${keys.length}`, () => this.#records.delete(keys));
  add = (key: string, member: string, ttlSeconds: number, limit: number) =>
    this.#run(`add ${kindOf(key)}`, () => this.#records.add(key, member, ttlSeconds, limit));
  remove = (key: string, members: readonly string[]) =>
    this.#run(`remove ${kindOf(key)}`, () => this.#records.remove(key, members));
  members = (key: string, count: number) =>
    this.#run(`members ${kindOf(key)}`, () => this.#records.members(key, count));
  check = () => this.#run('check', () => this.#records.check());

  async #run<Value>(command: string, run: () => Promise<Value>): Promise<Value> {
    this.commands.push(command);
    if (this.failing.has(command.split(' ')[0] ?? '')) throw new SessionStoreUnavailable('unavailable');
    return await run();
  }
}

const kindOf = (key: string) => key.split(':')[2] ?? '';

describe('SealedStore.create', () => {
  const session = {
    cookie: { originalMaxAge: null },
    customer: { oid: 'o', name: 'Alice' },
    signedInAt: Date.now(),
    seenAt: Date.now(),
    csrfToken: 'c',
  };

  it('throws when the id of a new session is taken, and keeps the session that has it', async () => {
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const store = new SealedStore({ records: new MemoryKeyValueStore(), lifetime: { idleMs, absoluteMs }, log });
    await store.create('id', session);
    const other = { ...session, customer: { oid: 'p', name: 'Bob' } };
    await expect(store.create('id', other)).rejects.toThrow('taken');
    expect(await store.get('id')).toEqual(session);
  });
});

describe('SealedStore', () => {
  let records: CountedStore;
  let app: SessionApp;
  beforeEach(async () => {
    records = new CountedStore(new MemoryKeyValueStore());
    app = await startSessionApp({ records });
  });
  afterEach(() => app.stop());
  const commandsOf = async (work: () => Promise<unknown>) => {
    records.commands = [];
    await work();
    return records.commands.toSorted();
  };

  it('reads one record for a page that needs no more, and none for a stranger', async () => {
    const cookie = await app.begin();
    expect(await commandsOf(() => app.send('GET', '/who', cookie))).toEqual(['get session']);
    expect(await commandsOf(() => app.send('GET', '/who'))).toEqual([]);
    expect(await commandsOf(() => app.send('GET', '/who', 'session=s%3Aforged.signature'))).toEqual([]);
  });

  it('creates each of its four records once, and deletes none for a stranger', async () => {
    const creates = ['add sid', 'create access', 'create claims', 'create msal', 'create session'];
    expect(await commandsOf(() => app.begin())).toEqual(creates);
  });

  it('adds a session to the index last, so that a session found there is complete', async () => {
    records.commands = [];
    await app.begin();
    expect(records.commands.filter((command) => /^(create|add)/.test(command)).at(-1)).toBe('add sid');
  });

  it('F18 keeps a session alive at most once a minute, however many requests come', async () => {
    const cookie = await app.begin();
    const touches = ['expire 4', 'get session', 'replace session'];
    app.aheadMs = minuteMs - marginMs;
    expect(await commandsOf(() => app.send('GET', '/who', cookie))).toEqual(['get session']);
    app.aheadMs = minuteMs;
    expect(await commandsOf(() => app.send('GET', '/who', cookie))).toEqual(touches);
    expect(await commandsOf(() => app.send('GET', '/who', cookie))).toEqual(['get session']);
    app.aheadMs = 2 * minuteMs + marginMs;
    expect(await commandsOf(() => app.send('GET', '/who', cookie))).toEqual(touches);
  });

  it('C-38 keeps a session alive after the clock was set back', async () => {
    const cookie = await app.begin();
    app.aheadMs = -60 * minuteMs;
    expect(await commandsOf(() => app.send('GET', '/who', cookie))).toContain('expire 4');
  });

  it('A-64 ends a session after the idle time without a request, and not before', async () => {
    const [early, late] = [await app.begin(), await app.begin()];
    app.aheadMs = idleMs - marginMs;
    expect(await app.whoIs(early)).toBe('Alice');
    app.aheadMs = idleMs + marginMs;
    expect(await app.whoIs(late)).toBeUndefined();
    expect(await app.whoIs(early)).toBe('Alice');
  });

  it('A-64 ends a session 12 hours after the sign-in, although it is in use', async () => {
    const cookie = await app.begin();
    for (app.aheadMs = 0; app.aheadMs < absoluteMs - minuteMs; app.aheadMs += 30 * minuteMs) {
      expect(await app.whoIs(cookie)).toBe('Alice');
    }
    app.aheadMs = absoluteMs - marginMs;
    expect(await app.whoIs(cookie)).toBe('Alice');
    app.aheadMs = absoluteMs + marginMs;
    expect(await commandsOf(() => app.whoIs(cookie))).toEqual(['delete 4', 'get session']);
    app.aheadMs = 0;
    expect(await app.whoIs(cookie)).toBeUndefined();
  });

  it('F1 answers 503 while the store is unavailable, and signs nobody out', async () => {
    const cookie = await app.begin();
    records.failing.add('get');
    const { status, text, cookies } = await app.send('GET', '/who', cookie);
    expect({ status, text, cookies }).toEqual({ status: 503, text: 'SessionStoreUnavailable', cookies: [] });
    expect((await app.send('GET', '/who')).status).toBe(200);
    records.failing.clear();
    expect(await app.whoIs(cookie)).toBe('Alice');
  });

  it.each(['replace', 'expire'])('answers the page although keeping the session alive fails: %s', async (command) => {
    const cookie = await app.begin();
    app.aheadMs = 2 * minuteMs;
    records.failing.add(command);
    const { status, text } = await app.send('GET', '/who', cookie);
    expect([status, JSON.parse(text).customer.name]).toEqual([200, 'Alice']);
    expect(app.logged.join()).toContain('Session not kept alive');
    expect(app.logged.join()).not.toContain('Alice');
    records.failing.clear();
    app.aheadMs = 4 * minuteMs;
    expect(await commandsOf(() => app.whoIs(cookie))).toContain('expire 4');
  });

  it('clears the cookie although the records cannot be deleted, and answers 503', async () => {
    const cookie = await app.begin();
    records.failing.add('delete');
    const { status, text, cookies } = await app.send('POST', '/end', cookie);
    expect({ status, text }).toEqual({ status: 503, text: 'SessionStoreUnavailable' });
    expect(cookies).toEqual([expect.stringMatching(/^session=; Path=\/; Expires=Thu, 01 Jan 1970/)]);
    records.failing.clear();
  });
});
