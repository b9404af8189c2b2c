import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redisRights } from '../../src/runtime/redisProbe.ts';
import type { Environment } from '../../src/runtime/settings.ts';
import { startRedisCluster } from '../support/redisCluster.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import { complaintsOf, findingsOf, noNetwork } from './soundSetup.ts';

/** Settings of the web app and the API on one machine; no tenant answers to them. */
const webAndApi = {
  TENANT_SUBDOMAIN: 'contoso',
  METADATA_URL: 'http://localhost:9/',
  CLIENT_ID: crypto.randomUUID(),
  CLIENT_SECRET: 'a-secret',
  SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
  TODO_API_CLIENT_ID: crypto.randomUUID(),
};

describe('the checks of Redis', () => {
  let redis: RedisServer;
  let operator: ReturnType<typeof createClient>;

  beforeAll(async () => {
    redis = await startRedis();
    operator = createClient({ url: redis.url });
    await operator.connect();
  });
  afterAll(async () => {
    operator.destroy();
    await redis.stop();
  });
  beforeEach(async () => {
    await operator.configSet('maxmemory-policy', 'noeviction');
    await operator.flushAll();
  });

  async function redisFindings(changes: Environment) {
    const findings = await findingsOf({ ...webAndApi, REDIS_URL: redis.url, ...changes }, { http: noNetwork });
    return findings.filter(({ name }) => name.startsWith('Redis'));
  }

  async function addUser(...rules: string[]): Promise<string> {
    await operator.sendCommand(['ACL', 'SETUSER', 'todo', 'reset', 'on', '>a-password', ...rules]);
    return redis.url.replace('//', '//todo:a-password@');
  }

  const enough = [...redisRights.split(' '), '+info'];

  test.each(['noeviction', 'volatile-lru'])('the policy %s passes', async (policy) => {
    await operator.configSet('maxmemory-policy', policy);
    expect(complaintsOf(await redisFindings({}))).toEqual([]);
  });

  test.each(['allkeys-lru', 'allkeys-random'])('the policy %s causes a warning', async (policy) => {
    await operator.configSet('maxmemory-policy', policy);
    const findings = await redisFindings({});
    expect(complaintsOf(findings)).toEqual(['warn Redis eviction']);
    expect(JSON.stringify(findings)).toContain(policy);
  });

  test('a user with the rights that the programs need passes, in production too', async () => {
    const REDIS_URL = await addUser(...enough);
    expect(complaintsOf(await redisFindings({ REDIS_URL }))).toEqual([]);
    const findings = await redisFindings({ REDIS_URL, ...inProduction });
    expect(findings.find(({ name }) => name === 'Redis excess rights')?.status).toBe('ok');
  });

  test.each([
    ['may not write', ['~web:*', '~api:*', '+@read', '+eval', '+ping', '+info'], /SET on web:\*.*HDEL on api:\*/],
    ['may not load scripts', [...enough, '-script|load'], /may not SCRIPT LOAD on web:\*, SCRIPT LOAD on api:\*$/],
    ['may not run loaded scripts', [...enough, '-evalsha'], /may not EVALSHA on web:\*, EVALSHA on api:\*$/],
    ['sees no sessions', [...enough.filter((rule) => rule !== '~web:*')], /GET on web:\*/],
    ['may not run scripts', [...enough, '-eval'], /may not EVAL on web:\*, EVAL on api:\*$/],
  ])('a user that %s is named with what it lacks', async (_what, rules, cause) => {
    const [complaint, ...others] = (await redisFindings({ REDIS_URL: await addUser(...rules) })).filter(
      ({ status }) => status === 'fail',
    );
    expect(others).toEqual([]);
    expect(complaint?.name).toBe('Redis rights');
    expect(complaint?.cause).toMatch(cause);
  });

  test('the web app needs no rights on the to-dos of an API on another machine', async () => {
    const REDIS_URL = await addUser(...enough.filter((rule) => rule !== '~api:*'));
    expect(complaintsOf(await redisFindings({ REDIS_URL, TODO_API_URL: 'https://api.invalid' }))).toEqual([]);
  });

  test('a policy that the user may not read is unchecked', async () => {
    const REDIS_URL = await addUser(...enough, '-info');
    const findings = await redisFindings({ REDIS_URL });
    expect(findings.find(({ name }) => name === 'Redis eviction')?.status).toBe('unchecked');
  });

  test('a wrong password fails and is not shown', async () => {
    const REDIS_URL = (await addUser(...enough)).replace('a-password', 'another-password');
    const findings = await redisFindings({ REDIS_URL });
    expect(complaintsOf(findings)).toEqual(['fail Redis']);
    expect(JSON.stringify(findings)).toMatch(/WRONGPASS/);
    expect(JSON.stringify(findings)).not.toContain('another-password');
  });

  const inProduction = {
    NODE_ENV: 'production',
    METADATA_URL: '',
    BASE_URL: 'https://app.invalid',
    TRUST_PROXY: '1',
    TODO_API_URL: 'https://api.invalid',
  };

  test('in production, a connection without TLS fails, and an operator’s rights cause a warning', async () => {
    const findings = await redisFindings(inProduction);
    expect(complaintsOf(findings)).toEqual(['fail Redis TLS', 'warn Redis excess rights']);
  });

  test('a Redis that does not answer fails', async () => {
    redis.pause();
    const findings = await redisFindings({}).finally(() => redis.resume());
    expect(complaintsOf(findings)).toEqual(['fail Redis']);
    expect(findings[0]?.cause).toMatch(/^unavailable/);
  });

  test('every key that is written expires, even if the user may not delete it', async () => {
    const REDIS_URL = await addUser(...enough, '-del', '-hdel', '-zrem');
    expect(complaintsOf(await redisFindings({ REDIS_URL }))).toEqual(['fail Redis rights']);
    const keys = await operator.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(await operator.ttl(key)).toBeGreaterThan(0);
  });

  test('a Redis that is full fails, with the cure', async () => {
    await operator.configSet('maxmemory', '1');
    const findings = await redisFindings({});
    await operator.configSet('maxmemory', '0');
    expect(complaintsOf(findings)).toEqual(['fail Redis commands']);
    expect(JSON.stringify(findings)).toMatch(/Redis answers OOM to .*SET on web.*give it more memory/);
  });

  test('an address that leads to a replica fails, with the cure', async () => {
    await operator.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    const findings = await redisFindings({}).finally(() => operator.sendCommand(['REPLICAOF', 'NO', 'ONE']));
    expect(complaintsOf(findings)).toEqual(['fail Redis commands']);
    expect(JSON.stringify(findings)).toMatch(/READONLY.*address of the primary/);
  });

  test('a cluster is sound', async () => {
    const cluster = await startRedisCluster(3);
    expect(complaintsOf(await redisFindings({ REDIS_URL: cluster.nodes[0]?.url }))).toEqual([]);
    await cluster.stop();
  });

  test('no REDIS_URL is unchecked, because development needs none', async () => {
    expect((await redisFindings({ REDIS_URL: '' })).map(({ status }) => status)).toEqual(['unchecked']);
  });
});
