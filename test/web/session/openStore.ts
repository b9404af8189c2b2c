import { once } from 'node:events';
import { createLogger } from '../../../src/runtime/logger.ts';
import { connectRedis, type RedisClient } from '../../../src/runtime/redis.ts';
import type { KeyValueStore } from '../../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';
import { RedisKeyValueStore } from '../../../src/web/session/RedisKeyValueStore.ts';
import { startRedis } from '../../support/redisServer.ts';

export interface OpenStore {
  readonly records: KeyValueStore;
  close(): Promise<void>;
}

export interface OpenRedisStore extends OpenStore {
  /** Reads and corrupts what the store holds. */
  readonly redis: RedisClient;
  stopServer(): Promise<void>;
}

/** Both stores, for tests that must pass on either. */
export const storeKinds: readonly { readonly kind: string; readonly open: () => Promise<OpenStore> }[] = [
  { kind: 'in process', open: async () => ({ records: new MemoryKeyValueStore(), close: async () => {} }) },
  { kind: 'on Redis', open: openRedisStore },
];

/** Starts a Redis server for this suite, and resolves when it is ready. */
export async function openRedisStore(): Promise<OpenRedisStore> {
  const server = await startRedis();
  const redis = connectRedis(
    server.url,
    createLogger('test', 'text', () => {}),
  );
  if (!redis.isReady) await once(redis, 'ready');
  return {
    redis,
    records: new RedisKeyValueStore(redis),
    stopServer: () => server.stop(),
    async close() {
      redis.destroy();
      await server.stop();
    },
  };
}
