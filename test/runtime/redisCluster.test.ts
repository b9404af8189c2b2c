import express, { type NextFunction, type Request, type Response } from 'express';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RedisTodoStore } from '../../src/api/RedisTodoStore.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { limitRate, redisCounts } from '../../src/runtime/rateLimit.ts';
import type { RedisConnection } from '../../src/runtime/redis.ts';
import { redisRights, refusalOf } from '../../src/runtime/redisProbe.ts';
import { RedisKeyValueStore } from '../../src/web/session/RedisKeyValueStore.ts';
import { recordKeys } from '../../src/web/session/seal.ts';
import { openRedis } from '../support/openRedis.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';

const lines: string[] = [];
const log = createLogger('test', 'text', (line) => lines.push(line));
const value = Buffer.from('sealed');

describe('on a cluster of three nodes', () => {
  let cluster: RedisCluster;
  let redis: RedisConnection;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
    redis = await openRedis(cluster.nodes[0]?.url ?? '', log);
  });
  afterAll(async () => {
    redis.destroy();
    await cluster.stop();
  });

  test('the connection finds out that Redis is a cluster, with commands that arrive at once', async () => {
    const records = new RedisKeyValueStore(redis);
    const keys = Array.from({ length: 60 }, (_, number) => `web:v1:used:${number}`);
    expect(await Promise.all(keys.map((key) => records.create(key, value, 60)))).toEqual(keys.map(() => true));
    expect(await Promise.all(keys.map((key) => records.get(key)))).toEqual(keys.map(() => value));
    const sizes = await Promise.all(cluster.operators.map((operator) => operator.dbSize()));
    expect(sizes.every((size) => size > 5)).toBe(true);
    expect(lines.join('\n')).not.toMatch(/ERROR/);
  });

  test('the records of each session are deleted together', async () => {
    const records = new RedisKeyValueStore(redis);
    for (let number = 0; number < 20; number += 1) {
      const keys = recordKeys(`hash-${number}`);
      for (const key of keys) await records.create(key, value, 60);
      expect(await records.delete(keys)).toBe(4);
    }
  });

  test('sets, to-dos, rate limits and the check of readiness work on every node', async () => {
    const records = new RedisKeyValueStore(redis);
    const todos = new RedisTodoStore(redis);
    const limit = limitRate({
      perMinute: 1,
      counts: redisCounts(redis, log)('web:v1:rate:test:'),
      keyOf: ({ path }) => path,
      refusal: () => new Error('limit'),
    });
    const app = express().use(limit, (_request, response) => void response.end());
    app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
      response.status(429).end();
    });
    for (let number = 0; number < 20; number += 1) {
      const key = `web:v1:sid:{${number}}`;
      expect(await records.add(key, 'a', 60, 10)).toEqual([]);
      expect(await records.members(key, 10)).toEqual(['a']);
      await records.remove(key, ['a']);
      const todo = await todos.add(`owner-${number}`, 'x');
      expect(await todos.list(`owner-${number}`)).toEqual([todo]);
      expect((await supertest(app).get(`/${number}`)).status).toBe(200);
      expect((await supertest(app).get(`/${number}`)).status).toBe(429);
    }
    expect((await todos.listAll(0, 100)).todos).toHaveLength(20);
    await records.check();
    expect(lines.join('\n')).not.toMatch(/ERROR/);
  });

  test('the check of readiness passes on a new connection, whichever node its keys are on', async () => {
    for (let round = 0; round < 6; round += 1) {
      await cluster.operators[round % 3]?.sendCommand(['SCRIPT', 'FLUSH']);
      const fresh = await openRedis(cluster.nodes[0]?.url ?? '', log);
      await new RedisKeyValueStore(fresh).check();
      fresh.destroy();
    }
  });

  test('a node that was killed fails its own keys only, in time, for old connections and new ones', async () => {
    await cluster.nodes[2]?.stop();
    const late = await openRedis(cluster.nodes[0]?.url ?? '', log);
    const keys = Array.from({ length: 60 }, (_, number) => `web:v1:used:${number}`);
    for (const connection of [redis, late]) {
      const records = new RedisKeyValueStore(connection);
      const startedAt = performance.now();
      const outcomes = await Promise.allSettled(keys.map((key) => records.get(key)));
      // Promised are 1.5 s; the bound is wider for a busy machine.
      expect(performance.now() - startedAt).toBeLessThan(6_000);
      const failed = outcomes.filter(({ status }) => status === 'rejected').length;
      expect(failed).toBeGreaterThan(5);
      expect(failed).toBeLessThan(40);
    }
    late.destroy();
  });
});

test('a user who may not see the nodes of a cluster is named, and let in when it may', async () => {
  const cluster = await startRedisCluster(3);
  const setUser = async (...rules: string[]) => {
    for (const operator of cluster.operators) {
      await operator.sendCommand(['ACL', 'SETUSER', 'todo', 'on', '>a-password', ...redisRights.split(' '), ...rules]);
    }
  };
  await setUser('-cluster|slots');
  const told: string[] = [];
  const redis = await openRedis(
    cluster.nodes[0]?.url.replace('//', '//todo:a-password@') ?? '',
    createLogger('test', 'text', (line) => told.push(line)),
  );
  const records = new RedisKeyValueStore(redis);
  const keys = Array.from({ length: 60 }, (_, number) => `web:v1:used:${number}`);
  const outcomes = await Promise.allSettled(keys.map((key) => records.create(key, value, 60)));
  expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? refusalOf(outcome.reason) : []))).toContain(
    'NOPERM',
  );
  expect(told.filter((line) => line.includes('NOPERM'))).toHaveLength(1);
  await setUser('+cluster|slots');
  await vi.waitUntil(async () => {
    const all = await Promise.allSettled(keys.map((key) => records.get(key)));
    return all.every(({ status }) => status === 'fulfilled');
  }, 10_000);
  redis.destroy();
  await cluster.stop();
});

test('a cluster of one node works like a server', async () => {
  const cluster = await startRedisCluster(1);
  const redis = await openRedis(cluster.nodes[0]?.url ?? '', log);
  const records = new RedisKeyValueStore(redis);
  const keys = recordKeys('hash');
  for (const key of keys) await records.create(key, value, 60);
  expect(await records.delete(keys)).toBe(4);
  await records.check();
  await new RedisTodoStore(redis).check();
  redis.destroy();
  await cluster.stop();
});
