import { seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/runtime/logger.ts';
import { redisCounts } from '../../src/runtime/rateLimit.ts';
import { RedisConnection } from '../../src/runtime/redis.ts';
import { RedisKeyValueStore } from '../../src/web/session/RedisKeyValueStore.ts';
import { Browser } from '../support/Browser.ts';
import { freePort } from '../support/freePort.ts';
import { type Operator, openOperator } from '../support/openRedis.ts';
import { startRedis } from '../support/redisServer.ts';
import { send } from '../support/send.ts';
import { type System, startSystem, until } from '../support/system.ts';

const limit = 5;
const settings = { SIGN_INS_PER_MINUTE: String(limit), TRUST_PROXY: '1' };

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: RedisConnection;
let operator: Operator;
let system: System;
/** Two web apps on one Redis. */
let webs: readonly [string, string];
const logLines: string[] = [];
const log = createLogger('web', 'json', (line) => void logLines.push(line));
beforeAll(async () => {
  server = await startRedis();
  redis = new RedisConnection(server.url, log);
  operator = await openOperator(server.url);
  // As in server.ts, the apps are built before Redis is connected.
  system = await startSystem({}, new RedisKeyValueStore(redis));
  const start = () => system.startWeb(settings, { counts: redisCounts(redis, log) });
  webs = [await start(), await start()];
  await until(() => redis.isReady);
});
afterAll(async () => {
  await system.stop();
  redis.destroy();
  operator.destroy();
  await server.stop();
});

let lastHost = 0;
function stranger(): string {
  lastHost += 1;
  return `198.51.100.${lastHost}`;
}

const ask = (path: string, from: string, web = webs[0]) => send(web + path, { headers: { 'x-forwarded-for': from } });

async function flood(path: string, from: string, size = limit): Promise<number[]> {
  const found: number[] = [];
  for (let count = 0; count < size; count += 1) found.push((await ask(path, from, webs[count % 2])).status);
  return found;
}

/** The rate limiters' Redis commands during an action, with their counts. */
async function countsDuring(work: () => Promise<unknown>): Promise<Record<string, number>> {
  await operator.configResetStat();
  await work();
  const stats = await operator.info('commandstats');
  const found = stats.matchAll(/^cmdstat_(eval|evalsha|script\|load):calls=(\d+)/gm);
  return Object.fromEntries([...found].map(([, name, calls]) => [name, Number(calls)]));
}

describe('limits on Redis', () => {
  test('A-101 apply to all instances together', async () => {
    const address = stranger();
    expect(await flood('/auth/signin', address, limit + 2)).toEqual([...Array(limit).fill(302), 429, 429]);
    expect((await ask('/auth/signin', stranger(), webs[1])).status).toBe(302);
  });

  test('A-101 leave one key per address, which expires within a minute and does not reveal the address', async () => {
    await operator.flushDb();
    const address = stranger();
    await flood('/auth/signin', address, 60);
    await flood('/auth/redirect?code=x&state=y', address, 60);
    const keys = await operator.keys('*');
    expect(keys.map((key) => key.replace(/[\w-]{43}$/, '<hash>')).sort()).toEqual([
      'web:v1:rate:redirect:<hash>',
      'web:v1:rate:signin:<hash>',
    ]);
    for (const key of keys) {
      const [leftMs, value] = await Promise.all([operator.pTTL(key), operator.get(key)]);
      expect([leftMs > 0 && leftMs <= 60_000, value]).toEqual([true, '60']);
      expect(key).not.toContain(address);
    }
  });

  test('A-101 from many addresses leave only one key each for a minute, and customers can sign in', async () => {
    await operator.flushDb();
    const addresses = Array.from({ length: 200 }, (_, host) => `192.0.2.${host}`);
    const found = await Promise.all(addresses.map((address) => ask('/auth/signin', address)));
    expect(found.map(({ status }) => status)).toEqual(addresses.map(() => 302));
    const keys = await operator.keys('*');
    expect(new Set(keys.map((key) => key.replace(/[\w-]{43}$/, '')))).toEqual(new Set(['web:v1:rate:signin:']));
    const leftMs = await Promise.all(keys.map((key) => operator.pTTL(key)));
    expect([keys.length, leftMs.every((ms) => ms > 0 && ms <= 60_000)]).toEqual([200, true]);
    const browser = await system.signedIn('bob@example.com');
    expect((await browser.fetch(`${system.webUrl}/users/id`)).status).toBe(200);
  });

  test('cost one command when a sign-in starts, one when it returns, and none on other pages', async () => {
    const browser = new Browser();
    for (const path of ['/auth/signin', '/auth/redirect']) await ask(path, stranger());
    expect(await countsDuring(() => browser.goto(`${webs[0]}/auth/signin`))).toEqual({ evalsha: 1 });
    await browser.submit('Next', { email: 'alice@example.com' });
    const comeBack = () => browser.submit('Sign in', { password: seededPassword });
    // The other script belongs to the session index.
    expect(await countsDuring(comeBack)).toEqual({ evalsha: 1, eval: 1 });
    const pages = ['/', '/users/id', '/todos', '/auth/signout', '/auth/signed-out', '/nothing'];
    const others = () => Promise.all(pages.map((page) => browser.fetch(webs[0] + page)));
    expect(await countsDuring(others)).toEqual({});
  });

  test('continue when Redis has lost the script', async () => {
    const address = stranger();
    await flood('/auth/signin', address, 3);
    await operator.scriptFlush();
    expect(await flood('/auth/signin', address, 3)).toEqual([302, 302, 429]);
  });

  test('start as soon as Redis is available', async () => {
    const port = await freePort();
    const late = new RedisConnection(`redis://127.0.0.1:${port}`, log);
    const web = await system.startWeb(settings, { counts: redisCounts(late, log) });
    expect((await ask('/auth/signin', stranger(), web)).status).toBe(302);
    const lateServer = await startRedis(port);
    await until(() => late.isReady);
    expect((await ask('/auth/signin', stranger(), web)).status).toBe(302);
    const lateOperator = await openOperator(lateServer.url);
    expect(await lateOperator.keys('web:v1:rate:*')).toHaveLength(1);
    lateOperator.destroy();
    late.destroy();
    await lateServer.stop();
  });

  test('are off while Redis is unavailable, which is logged once, and on again after that', async () => {
    const before = logLines.length;
    const address = stranger();
    server.pause();
    expect(await flood('/auth/signin', address, limit * 2)).toEqual(Array(limit * 2).fill(302));
    server.resume();
    await until(() => redis.isReady);
    const { port } = server;
    await server.stop();
    expect((await ask('/auth/signin', stranger())).status).toBe(302);
    const told = logLines.slice(before).filter((line) => line.includes('Rate limits are off'));
    expect(told.length).toBe(2);
    expect(told.join()).not.toContain(address);
    server = await startRedis(port);
    await until(() => redis.isReady);
    expect(await flood('/auth/signin', stranger(), limit + 1)).toEqual([...Array(limit).fill(302), 429]);
    expect(logLines.slice(before).filter((line) => line.includes('Rate limits are on again'))).toHaveLength(2);
  });
});
