import type { KeyValueStore } from '../../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';
import { RedisKeyValueStore } from '../../../src/web/session/RedisKeyValueStore.ts';
import { type Operator, openOperator, openRedis } from '../../support/openRedis.ts';
import { startRedis } from '../../support/redisServer.ts';

export interface OpenStore {
  readonly records: KeyValueStore;
  close(): Promise<void>;
}

export interface OpenRedisStore extends OpenStore {
  /** Reads and corrupts what the store holds. */
  readonly redis: Operator;
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
  const connection = await openRedis(server.url);
  const redis = await openOperator(server.url);
  return {
    redis,
    records: new RedisKeyValueStore(connection),
    stopServer: () => server.stop(),
    async close() {
      connection.destroy();
      redis.destroy();
      await server.stop();
    },
  };
}
