import { readFileSync } from 'node:fs';
import { createClient, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisTodoStore } from '../../src/api/RedisTodoStore.ts';
import { redisCounts } from '../../src/runtime/rateLimit.ts';
import type { RedisConnection } from '../../src/runtime/redis.ts';
import { RedisKeyValueStore } from '../../src/web/session/RedisKeyValueStore.ts';
import { Browser } from '../support/Browser.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { type RedisTraffic, relayRedis } from './session/redisTraffic.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
let server: RedisServer;
let traffic: RedisTraffic;
let client: ReturnType<typeof createClient>;
const inBytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
const redis: Pick<RedisConnection, 'send' | 'check'> = {
  send: (_key, command, options) => client.sendCommand(command, options?.inBytes ? inBytes : {}),
  check: async () => {},
};
let system: System;
let alice: Browser;
let minutesAhead = 0;
beforeAll(async () => {
  server = await startRedis();
  traffic = await relayRedis(server.port);
  // Without the app's timeouts and pings, so that a busy machine cannot change what is counted.
  client = createClient({ url: traffic.url });
  await client.connect();
  const now = () => Date.now() + minutesAhead * 60_000;
  system = await startSystem({}, new RedisKeyValueStore(redis), { counts: redisCounts(redis, silent), now });
  // The first request of each limit loads a script.
  alice = await system.signedIn('alice@example.com');
  await send(`${system.webUrl}/auth/front-channel-logout`);
});
afterAll(async () => {
  await system.stop();
  client.destroy();
  traffic.stop();
  await server.stop();
});

/** The table of docs/architecture.md: how many round trips a request makes, from the web app and from the API. */
const documented = new Map(
  [
    ...readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8').matchAll(
      /^\| (.+?) \| (\d+)\b[^|]*\| (?:(\d+)\b)?[^|]*\|$/gm,
    ),
  ].map(([, request = '', web, api]) => [request.replaceAll('`', ''), { web: Number(web), api: Number(api) }]),
);

type Trips = readonly (readonly string[])[];

const get = (path: string) => alice.fetch(`${system.webUrl}${path}`);

/** Sends the form of a page. @returns the round trips of the form alone */
async function sending(path: string, button: string, fields: Record<string, string> = {}): Promise<Trips> {
  await alice.goto(`${system.webUrl}${path}`);
  const { action, fields: hidden } = alice.form(button);
  const body = new URLSearchParams({ ...hidden, ...fields });
  return await traffic.during(() => alice.fetch(new URL(action, system.webUrl), { method: 'POST', body }));
}

/** Signs a customer in again. @returns the round trips of the tenant's answer alone */
async function returning(browser: Browser): Promise<Trips> {
  const isAnswer = ({ pathname }: URL) => pathname === '/auth/redirect';
  const { url } = await browser.goto(`${system.webUrl}/auth/signin`, {}, isAnswer);
  return await traffic.during(() => browser.fetch(url));
}

async function endingSid(sid: string): Promise<Trips> {
  return await traffic.during(() => send(`${system.webUrl}/auth/front-channel-logout?sid=${sid}`));
}

/** The customer's `sid`, from the claims page. */
async function sidOf(browser: Browser): Promise<string> {
  const { html } = await browser.goto(`${system.webUrl}/users/id`);
  return /<code>sid<\/code><\/th>[\s\S]*?<code>([^<]+)/.exec(html)?.[1] ?? '';
}

const session = ['GET session'];
const created = ['SET claims', 'SET access', 'SET msal', 'SET session', 'EVAL sid'];

const webRequests: readonly (readonly [string, () => Promise<Trips>, Trips])[] = [
  ['home, signed out', () => traffic.during(() => send(`${system.webUrl}/`)), []],
  ['home, signed in', () => traffic.during(() => get('/')), [session]],
  ['claims', () => traffic.during(() => get('/users/id')), [session, ['GET claims']]],
  ['to-dos', () => traffic.during(() => get('/todos')), [session, ['GET access']]],
  ['to-do added', () => sending('/todos', 'Add', { description: 'Milk' }), [session, ['GET access']]],
  ['to-do changed', () => sending('/todos', 'Save', { description: 'Tea' }), [session, ['GET access']]],
  ['to-do removed', () => sending('/todos', 'Remove Tea'), [session, ['GET access']]],
  ['GET /auth/signin', () => traffic.during(() => send(`${system.webUrl}/auth/signin`)), [['EVALSHA rate']]],
  ['GET /auth/redirect', () => returning(withoutSession()), [['EVALSHA rate'], ['SET used'], created]],
  [
    'POST /auth/signout',
    () => sending('/auth/signout', 'Sign out'),
    [session, ['GET claims'], ['DEL session', 'ZREM sid']],
  ],
  [
    'GET /auth/front-channel-logout',
    async () => {
      alice = await system.signedIn('alice@example.com');
      return await endingSid(await sidOf(alice));
    },
    [['EVALSHA rate'], ['ZRANGE sid'], ['DEL session'], ['ZREM sid']],
  ],
];

/** Alice's browser, still signed in at the tenant and no longer here. */
function withoutSession(): Browser {
  const browser = new Browser();
  for (const [name, cookie] of alice.cookies) if (name !== 'session') browser.cookies.set(name, cookie);
  return browser;
}

test.each(webRequests)('the web app: %s', async (request, work, expected) => {
  expect(await work()).toEqual(expected);
  expect(documented.get(request)?.web).toBe(expected.length);
});

test('the front-channel logout of a session that is unknown here', async () => {
  expect(await endingSid('unknown')).toEqual([['EVALSHA rate'], ['ZRANGE sid']]);
});

test('a page that keeps the session alive, once a minute, makes one round trip more', async () => {
  alice = await system.signedIn('alice@example.com');
  minutesAhead = 1;
  const expired = ['EXPIRE session', 'EXPIRE claims', 'EXPIRE access', 'EXPIRE msal'];
  expect(await traffic.during(() => get('/'))).toEqual([session, ['SET session', ...expired]]);
  expect(await traffic.during(() => get('/'))).toEqual([session]);
  minutesAhead = 0;
});

test('a sign-in that replaces a session makes two round trips more', async () => {
  const replaced = ['DEL session', 'ZREM sid'];
  expect(await returning(alice)).toEqual([['EVALSHA rate'], session, ['SET used'], replaced, created]);
});

test('a page that renews the access token makes two round trips more', async () => {
  await system.control('access-token-lifetime', { seconds: 60 });
  await returning(alice);
  const renewed = [
    ['GET msal', 'GET claims'],
    ['SET claims', 'SET access', 'SET msal'],
  ];
  expect(await traffic.during(() => get('/todos'))).toEqual([session, ['GET access'], ...renewed]);
});

test('the API: its to-dos, and one count for each change', async () => {
  const todos = new RedisTodoStore(redis);
  const list = await traffic.during(() => todos.list('alice'));
  const add = await traffic.during(() => todos.add('alice', 'Milk'));
  const [todo] = await todos.list('alice');
  const change = await traffic.during(() => todos.change('alice', todo?.id ?? 0, 'Tea'));
  const remove = await traffic.during(() => todos.remove('alice', todo?.id ?? 0));
  expect(list).toEqual([['HGETALL todos']]);
  expect(add).toEqual([['INCR last-todo-id'], ['HSET owners'], ['EVAL todos']]);
  expect(change).toEqual([['EVAL todos']]);
  expect(remove).toEqual([['HDEL todos'], ['HDEL owners']]);
  const api = ['to-dos', 'to-do added', 'to-do changed', 'to-do removed'].map(
    (request) => documented.get(request)?.api,
  );
  expect(api).toEqual([list.length, add.length + 1, change.length + 1, remove.length + 1]);
});
