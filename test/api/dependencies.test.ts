import supertest from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApi } from '../../src/api/app.ts';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { RedisTodoStore } from '../../src/api/RedisTodoStore.ts';
import { TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import { TenantKeys } from '../../src/entra/TenantKeys.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { RedisConnection } from '../../src/runtime/redis.ts';
import { openOperator, openRedis } from '../support/openRedis.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import { type Api, alice, clientId, startApi, unlimited, type Variations } from './apiHarness.ts';

const log = createLogger('test', 'json', () => {});
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(variations?: Variations): Promise<Api> {
  const api = await startApi(variations);
  stops.push(() => api.stop());
  return api;
}

const list = (api: Api, token = api.token()) => api.call('GET', '/api/todolist', { token });

describe('when the tenant is unavailable', () => {
  it('is alive but not ready without metadata, and answers 401 without a token and 503 with one', async () => {
    const current = () => {
      throw new TenantUnavailable('away');
    };
    const metadata = { current, ready: () => false };
    const keys = new TenantKeys({ metadata, http: { request: () => Promise.reject(new Error('unused')) }, log });
    const app = createApi({ clientId, metadata, keys, store: new InProcessTodoStore(), log, ...unlimited });
    expect((await supertest(app).get('/livez')).status).toBe(200);
    const readiness = await supertest(app).get('/readyz');
    expect(readiness.status).toBe(503);
    expect(readiness.body).toEqual({ tenant: false, store: true, accepting: true });
    expect((await supertest(app).get('/api/todolist')).status).toBe(401);
    const withToken = await supertest(app).get('/api/todolist').set('authorization', 'Bearer a.b.AA');
    expect(withToken.status).toBe(503);
    expect(withToken.headers['retry-after']).toBe('5');
  });
});

describe('when Redis fails', () => {
  let server: RedisServer;
  let redis: RedisConnection;
  let api: Api;

  beforeEach(async () => {
    server = await startRedis();
    stops.push(() => server.stop());
    redis = await openRedis(server.url, log);
    stops.push(() => redis.destroy());
    api = await start({ store: new RedisTodoStore(redis) });
  });

  it('answers 503 with Retry-After, says so in /readyz, and recovers by itself', async () => {
    expect((await list(api)).status).toBe(200);
    await server.stop();
    await vi.waitUntil(() => !redis.isReady);
    const answer = await list(api);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    const readiness = await api.call('GET', '/readyz');
    expect(readiness.status).toBe(503);
    expect(JSON.parse(readiness.text)).toEqual({ tenant: true, store: false, accepting: true });
    expect((await api.call('GET', '/livez')).status).toBe(200);
    server = await startRedis(server.port);
    stops.push(() => server.stop());
    await vi.waitUntil(() => redis.isReady, 5_000);
    expect((await list(api)).status).toBe(200);
  });

  it('answers 503 when it is frozen, and does not hang', async () => {
    server.pause();
    expect((await list(api)).status).toBe(503);
    server.resume();
    await vi.waitUntil(() => redis.isReady, 5_000);
    expect((await list(api)).status).toBe(200);
  });

  it('answers 503 when it refuses to write, and /readyz names the refusal', async () => {
    const operator = await openOperator(server.url);
    await operator.configSet('maxmemory', '1');
    operator.destroy();
    const answer = await api.call('POST', '/api/todolist', { token: api.token(), body: { description: 'x' } });
    expect(answer.status).toBe(503);
    const readiness = await api.call('GET', '/readyz');
    expect(readiness.status).toBe(503);
    expect(JSON.parse(readiness.text)).toEqual({ tenant: true, store: false, accepting: true, redis: 'OOM' });
  });
});

describe('the process', () => {
  it('is alive but not ready after the stop signal', async () => {
    const api = await start({ isStopping: () => true });
    expect((await api.call('GET', '/livez')).status).toBe(200);
    expect((await api.call('GET', '/readyz')).status).toBe(503);
  });

  it('logs one line per request, without query, token or customer', async () => {
    const api = await start();
    const token = api.token();
    api.logLines.length = 0;
    const answer = await api.call('GET', '/api/todolist?secret=1', { token });
    await vi.waitUntil(() => api.logLines.length > 0);
    expect(api.logLines).toHaveLength(1);
    expect(JSON.parse(api.logLines[0] ?? '')).toMatchObject({
      method: 'GET',
      path: '/api/todolist',
      status: 200,
      ms: expect.any(Number),
      requestId: answer.headers['x-request-id'],
    });
    for (const secret of [token, 'secret', alice]) expect(api.logLines.join()).not.toContain(secret);
  });

  it('answers 500 without details when something unforeseen breaks, and goes on', async () => {
    const broken = {
      list: () => Promise.reject(new Error(`broken at ${alice}`)),
      listAll: async () => ({ todos: [], next: undefined }),
      ownerOf: async () => undefined,
      find: async () => undefined,
      add: () => Promise.reject(new Error('broken')),
      change: async () => undefined,
      remove: async () => false,
      check: async () => {},
    };
    const api = await start({ store: broken });
    const answer = await list(api);
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('broken');
    expect((await api.call('GET', '/livez')).status).toBe(200);
  });
});
