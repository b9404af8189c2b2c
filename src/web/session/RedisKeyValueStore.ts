import type { RedisConnection } from '../../runtime/redis.ts';
import { webProbe } from '../../runtime/redisProbe.ts';
import { type KeyValueStore, SessionStoreUnavailable } from './KeyValueStore.ts';

/** One command: a connection lost between two would leave a set that never expires. */
const addScript = `redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
local excess = redis.call('ZCARD', KEYS[1]) - ARGV[4]
if excess < 1 then return {} end
return redis.call('ZRANGE', KEYS[1], '0', excess - 1)`;

/**
 * Redis, shared by all instances of the app. Commands of one tick travel in one round trip. Keys that are deleted
 * together need a common hash tag, as in `web:v1:session:{tag}`, so that a cluster keeps them on one node.
 */
export class RedisKeyValueStore implements KeyValueStore {
  readonly #redis: Pick<RedisConnection, 'send' | 'check'>;

  constructor(redis: Pick<RedisConnection, 'send' | 'check'>) {
    this.#redis = redis;
  }

  async get(key: string): Promise<Buffer | undefined> {
    const value = this.#redis.send<Buffer | null>(key, ['GET', key], { inBytes: true });
    return (await translated(value.catch(emptyIfOtherType))) ?? undefined;
  }

  async create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean> {
    return (await this.#send(key, ['SET', key, value, 'NX', 'EX', String(ttlSeconds)])) !== null;
  }

  async replace(key: string, value: Buffer): Promise<boolean> {
    return (await this.#send(key, ['SET', key, value, 'XX', 'KEEPTTL'])) !== null;
  }

  async expire(keys: readonly string[], ttlSeconds: number): Promise<void> {
    await Promise.all(keys.map((key) => this.#send(key, ['EXPIRE', key, String(ttlSeconds)])));
  }

  async delete(keys: readonly string[]): Promise<number> {
    const [first] = keys;
    return first === undefined ? 0 : await this.#send<number>(first, ['DEL', ...keys]);
  }

  async add(key: string, member: string, ttlSeconds: number, limit: number): Promise<readonly string[]> {
    const values = [member, Date.now(), ttlSeconds, limit].map(String);
    return await this.#send<string[]>(key, ['EVAL', addScript, '1', key, ...values]);
  }

  async remove(key: string, members: readonly string[]): Promise<void> {
    await this.#send(key, ['ZREM', key, ...members]);
  }

  async members(key: string, count: number): Promise<readonly string[]> {
    return await this.#send<string[]>(key, ['ZRANGE', key, '0', String(count - 1)]);
  }

  async check(): Promise<void> {
    await translated(this.#redis.check(webProbe));
  }

  async #send<Reply>(key: string, command: readonly (string | Buffer)[]): Promise<Reply> {
    return await translated(this.#redis.send<Reply>(key, command));
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
