import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/runtime/logger.ts';
import { RedisConnection } from '../../src/runtime/redis.ts';
import { refusalOf } from '../../src/runtime/redisProbe.ts';
import { SessionStoreUnavailable } from '../../src/web/session/KeyValueStore.ts';
import { RedisKeyValueStore } from '../../src/web/session/RedisKeyValueStore.ts';
import { type Operator, openOperator, openRedis } from '../support/openRedis.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';

const value = Buffer.from('sealed');
const closing: (() => unknown)[] = [];
let lines: string[] = [];
const log = createLogger('test', 'text', (line) => lines.push(line));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  lines = [];
});

const errors = () => lines.filter((line) => line.includes(' ERROR '));

async function start(...settings: string[]): Promise<{ server: RedisServer; operator: Operator }> {
  const server = await startRedis(undefined, ['--repl-diskless-sync-delay', '0', ...settings]);
  closing.push(() => server.stop());
  const operator = await openOperator(server.url);
  closing.push(() => operator.destroy());
  return { server, operator };
}

async function open(url: string): Promise<RedisKeyValueStore> {
  const redis = await openRedis(url, log);
  closing.push(() => redis.destroy());
  return new RedisKeyValueStore(redis);
}

/** A TCP proxy that leads new connections to another server after a fail-over, and keeps those that are open. */
async function startProxy(port: number) {
  let target = port;
  const proxy = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => socket.destroy());
    closing.push(() => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  closing.push(() => proxy.close());
  const address = proxy.address() as AddressInfo;
  const move = (to: number) => {
    target = to;
  };
  return { url: `redis://127.0.0.1:${address.port}`, move };
}

describe('a fail-over', () => {
  test('after which the old primary is still connected, as a replica, leads to the new primary', async () => {
    const [first, second] = [await start(), await start()];
    await second.operator.sendCommand(['REPLICAOF', '127.0.0.1', String(first.server.port)]);
    const proxy = await startProxy(first.server.port);
    const records = await open(proxy.url);
    expect(await records.create('before', value, 60)).toBe(true);
    await vi.waitUntil(async () => (await second.operator.exists('before')) === 1, 10_000);

    await second.operator.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await first.operator.sendCommand(['REPLICAOF', '127.0.0.1', String(second.server.port)]);
    proxy.move(second.server.port);

    await expect(records.create('during', value, 60)).rejects.toBeInstanceOf(SessionStoreUnavailable);
    await vi.waitUntil(() => records.create('after', value, 60).catch(() => false), 5_000);
    expect(await second.operator.exists(['before', 'after'])).toBe(2);
    await records.check();
    expect(errors()).toEqual([expect.stringContaining('Redis answers READONLY')]);
  });

  test('that a readiness probe meets first needs no customer to cure it', async () => {
    const [first, second] = [await start(), await start()];
    const proxy = await startProxy(first.server.port);
    const records = await open(proxy.url);
    await first.operator.sendCommand(['REPLICAOF', '127.0.0.1', String(second.server.port)]);
    proxy.move(second.server.port);
    expect(await refusal(records)).toBe('READONLY');
    await vi.waitUntil(async () => (await refusal(records)) === undefined, 10_000);
    expect(await records.create('after', value, 60)).toBe(true);
  });
});

/** Why the store is not ready. */
async function refusal(records: RedisKeyValueStore): Promise<string | undefined> {
  return await records.check().then(
    () => undefined,
    (error: unknown) => refusalOf(error) ?? 'unavailable',
  );
}

describe('a permanent error', () => {
  test('READONLY: an address that leads to a replica is named once, and connected to once a second', async () => {
    const [primary, replica] = [await start(), await start()];
    await replica.operator.sendCommand(['REPLICAOF', '127.0.0.1', String(primary.server.port)]);
    const records = await open(replica.server.url);
    await replica.operator.configResetStat();
    for (let request = 0; request < 200; request += 1) {
      await records.create('key', value, 60).catch(() => false);
    }
    for (let probe = 0; probe < 10; probe += 1) expect(await refusal(records)).toBe('READONLY');
    const { connections = '' } =
      /total_connections_received:(?<connections>\d+)/.exec(await replica.operator.info('stats'))?.groups ?? {};
    expect(Number(connections)).toBeLessThan(10);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]).toMatch(/READONLY: REDIS_URL leads to a replica/);
  });

  test.each<readonly [string, string, (operator: Operator) => Promise<unknown>]>([
    ['OOM', 'memory', (operator) => operator.configSet('maxmemory', '1')],
    ['MISCONF', 'disk', failToSave],
    ['NOPERM', 'rights', (operator) => operator.sendCommand(['ACL', 'SETUSER', 'default', '-zadd'])],
  ])('%s is the reason that readiness gives, and one line of the log names %s', async (word, cure, cause) => {
    const { server, operator } = await start();
    const records = await open(server.url);
    expect(await refusal(records)).toBeUndefined();
    await cause(operator);
    for (let request = 0; request < 50; request += 1) await records.add('set', 'a', 60, 10).catch(() => []);
    await vi.waitUntil(async () => (await refusal(records)) === word, 5_000);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]).toMatch(new RegExp(`Redis answers ${word}: .*${cure}`));
  });

  test.each([
    ['WRONGPASS', 'redis://:wrong@'],
    ['NOAUTH', 'redis://'],
  ])('%s is the reason that readiness gives, and the log names the setting once', async (word, prefix) => {
    const server = await startRedis(undefined, ['--requirepass', 'right']);
    closing.push(() => server.stop());
    const redis = new RedisConnection(server.url.replace('redis://', prefix), log);
    closing.push(() => redis.destroy());
    const records = new RedisKeyValueStore(redis);
    await vi.waitUntil(async () => (await refusal(records)) === word, 5_000);
    expect(errors()).toEqual([expect.stringMatching(`${word}: correct the user and password in REDIS_URL`)]);
    expect(errors().join()).not.toMatch(/wrong@|right/);
  });
});

/** Redis refuses writes when it could not save; without its folder it cannot. */
async function failToSave(operator: Operator): Promise<void> {
  const { dir = '' } = await operator.configGet('dir');
  await rm(dir, { recursive: true });
  await operator.configSet('save', '3600 1');
  await operator.bgSave();
  await vi.waitUntil(async () => (await operator.info('persistence')).includes('rdb_last_bgsave_status:err'), 5_000);
}
