import { RESP_TYPES } from 'redis';
import type { RedisClient } from '../../runtime/redis.ts';
import { type KeyValueStore, SessionStoreUnavailable } from './KeyValueStore.ts';

/** One command: a connection lost between two would leave a set that never expires. */
const addScript = "redis.call('SADD', KEYS[1], ARGV[1]) return redis.call('EXPIRE', KEYS[1], ARGV[2])";

/** Redis, shared by all instances of the app. Commands of one tick travel in one round trip. */
export class RedisKeyValueStore implements KeyValueStore {
  readonly #redis;

  constructor(redis: RedisClient) {
    this.#redis = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  }

  async get(key: string): Promise<Buffer | undefined> {
    return (await translated(this.#redis.get(key).catch(emptyIfOtherType))) ?? undefined;
  }

  async create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean> {
    const expiration = { type: 'EX', value: ttlSeconds } as const;
    return (await translated(this.#redis.set(key, value, { condition: 'NX', expiration }))) !== null;
  }

  async replace(key: string, value: Buffer): Promise<boolean> {
    return (await translated(this.#redis.set(key, value, { condition: 'XX', expiration: 'KEEPTTL' }))) !== null;
  }

  async expire(keys: readonly string[], ttlSeconds: number): Promise<void> {
    await translated(Promise.all(keys.map((key) => this.#redis.expire(key, ttlSeconds))));
  }

  async delete(keys: readonly string[]): Promise<number> {
    return await translated(this.#redis.del([...keys]));
  }

  async add(key: string, member: string, ttlSeconds: number): Promise<void> {
    await translated(this.#redis.eval(addScript, { keys: [key], arguments: [member, String(ttlSeconds)] }));
  }

  async remove(key: string, member: string): Promise<void> {
    await translated(this.#redis.sRem(key, member));
  }

  async members(key: string): Promise<readonly string[]> {
    return (await translated(this.#redis.sMembers(key))).map(String);
  }

  async ping(): Promise<void> {
    await translated(this.#redis.ping());
  }
}

/** A key of another type was not written by us. Return an empty value: it fails to decrypt and is deleted. */
function emptyIfOtherType(error: unknown): Buffer {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return Buffer.alloc(0);
  throw error;
}

async function translated<Answer>(command: Promise<Answer>): Promise<Answer> {
  try {
    return await command;
  } catch (cause) {
    throw new SessionStoreUnavailable('Redis unavailable', { cause });
  }
}
