import { once } from 'node:events';
import { createLogger } from '../../../src/runtime/logger.ts';
import { connectRedis, type RedisClient } from '../../../src/runtime/redis.ts';
import { MemoryRecords, type Records, RedisRecords } from '../../../src/web/session/records.ts';
import { startRedis } from '../../support/redisServer.ts';

export interface OpenRecords {
  readonly records: Records;
  close(): Promise<void>;
}

export interface OpenRedisRecords extends OpenRecords {
  /** To look at and to spoil what the records hold. */
  readonly redis: RedisClient;
  stopServer(): Promise<void>;
}

/** Both kinds of records, for suites that hold for either. */
export const kindsOfRecords: readonly { readonly kind: string; readonly open: () => Promise<OpenRecords> }[] = [
  { kind: 'in process', open: async () => ({ records: new MemoryRecords(), close: async () => {} }) },
  { kind: 'on Redis', open: openRedisRecords },
];

/** Starts a Redis of the suite's own, and resolves when it can be used. */
export async function openRedisRecords(): Promise<OpenRedisRecords> {
  const server = await startRedis();
  const redis = connectRedis(
    server.url,
    createLogger('test', 'text', () => {}),
  );
  if (!redis.isReady) await once(redis, 'ready');
  return {
    redis,
    records: new RedisRecords(redis),
    stopServer: () => server.stop(),
    async close() {
      redis.destroy();
      await server.stop();
    },
  };
}
