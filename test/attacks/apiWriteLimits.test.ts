import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/runtime/logger.ts';
import { redisCounts } from '../../src/runtime/rateLimit.ts';
import type { RedisConnection } from '../../src/runtime/redis.ts';
import { type Answer, type Api, alice, bob, startApi } from '../api/apiHarness.ts';
import { type Operator, openOperator, openRedis } from '../support/openRedis.ts';
import { startRedis } from '../support/redisServer.ts';

const writesPerMinute = 4;

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: RedisConnection;
let operator: Operator;
let api: Api;
beforeAll(async () => {
  server = await startRedis();
  const log = createLogger('api', 'json', () => {});
  redis = await openRedis(server.url, log);
  operator = await openOperator(server.url);
  api = await startApi({ writesPerMinute, counts: redisCounts(redis, log) });
});
afterAll(async () => {
  await api.stop();
  redis.destroy();
  operator.destroy();
  await server.stop();
});

const todos = '/api/todolist';
const add = (token: string, description = 'Sleep') => api.call('POST', todos, { token, body: { description } });

/** Adds to-dos with a token until the limit is reached. */
async function useUp(token: string): Promise<void> {
  for (let count = 0; count < writesPerMinute; count += 1) expect((await add(token)).status).toBe(201);
}

async function descriptionsOf(token: string): Promise<string[]> {
  const { text } = await api.call('GET', todos, { token });
  return JSON.parse(text).map(({ description }: { description: string }) => description);
}

function expectRefused({ status, headers, text }: Answer): void {
  expect([status, headers['content-type']]).toEqual([429, expect.stringContaining('application/problem+json')]);
  expect(Number(headers['retry-after'])).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 60);
  expect(JSON.parse(text)).toMatchObject({ status: 429, detail: expect.stringContaining('it was not made') });
  expect(Object.keys(headers).filter((name) => /rate-?limit/i.test(name))).toEqual([]);
}

describe('changes within a minute', () => {
  test('B-47 above the limit, a customer’s creates get 429 with Retry-After and create nothing', async () => {
    const token = api.token();
    const answers = await Promise.all(Array.from({ length: 100 }, () => add(token)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(writesPerMinute);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectRefused(answer);
    expect(await descriptionsOf(token)).toHaveLength(writesPerMinute);
    const events = api.logLines.filter((line) => line.includes('"event":"rate-limited"'));
    expect(events).toHaveLength(100 - writesPerMinute);
    expect(events.join()).not.toContain(alice);
  });

  test('B-47 count for all writing methods; reads do not count', async () => {
    const token = api.token({ oid: bob, sub: 'bob' });
    await useUp(token);
    const [{ id }] = JSON.parse((await api.call('GET', todos, { token })).text);
    expectRefused(await api.call('PUT', `${todos}/${id}`, { token, body: { description: 'Changed' } }));
    expectRefused(await api.call('DELETE', `${todos}/${id}`, { token }));
    expect(await descriptionsOf(token)).toEqual(Array(writesPerMinute).fill('Sleep'));
  });

  test('B-47 count per customer, whatever the address and the token', async () => {
    const [oid, other] = [crypto.randomUUID(), crypto.randomUUID()];
    await useUp(api.token({ oid }));
    expectRefused(await add(api.token({ oid: oid.toUpperCase(), azp: crypto.randomUUID(), iat: 1 })));
    const headers = { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6' };
    const body = { description: 'Sleep' };
    expectRefused(await api.call('POST', todos, { token: api.token({ oid }), body, headers }));
    expect((await add(api.token({ oid: other }))).status).toBe(201);
  });

  test('B-47 count for an application too', async () => {
    const oid = crypto.randomUUID();
    const application = { oid, sub: oid, idtyp: 'app', scp: undefined, roles: ['ToDoList.ReadWrite.All'] };
    const token = api.token(application);
    const remove = () => api.call('DELETE', `${todos}/999999`, { token });
    for (let count = 0; count < writesPerMinute; count += 1) expect((await remove()).status).toBe(404);
    expectRefused(await remove());
    expect((await api.call('GET', todos, { token })).status).toBe(200);
  });

  test('B-47 do not count requests with an invalid token or without the permission', async () => {
    const oid = crypto.randomUUID();
    const [forged, reading] = [`${api.token({ oid })}x`, api.token({ oid, scp: 'ToDoList.Read' })];
    for (let count = 0; count < writesPerMinute * 2; count += 1) {
      expect([(await add(forged)).status, (await add(reading)).status]).toEqual([401, 403]);
    }
    await useUp(api.token({ oid }));
  });

  test('B-47 leave one key per caller, which expires within a minute, and cost one command', async () => {
    await operator.flushDb();
    const token = api.token();
    await add(token);
    await operator.configResetStat();
    await add(token);
    const stats = await operator.info('commandstats');
    expect(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]).toBe('1');
    const [key = '', ...others] = await operator.keys('*');
    expect([key, others]).toEqual([`api:v1:rate:write:${api.tenant.tenantId}:${alice}`, []]);
    const leftMs = await operator.pTTL(key);
    expect(leftMs > 0 && leftMs <= 60_000).toBe(true);
  });

  test('B-47 pass while Redis is unavailable', async () => {
    await server.stop();
    const token = api.token({ oid: crypto.randomUUID() });
    await useUp(token);
    expect((await add(token)).status).toBe(201);
  });
});
