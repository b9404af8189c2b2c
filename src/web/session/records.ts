import { RESP_TYPES } from 'redis';
import type { RedisClient } from '../../runtime/redis.ts';

/** Short-lived bytes under a key: on Redis, or in this process when there is none. */
export interface Records {
  get(key: string): Promise<Buffer | undefined>;
  /** Writes a new record. @returns false when the key exists already */
  create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean>;
  /** Writes over a record that is still there, keeping its time to live. @returns false when it ended meanwhile */
  replace(key: string, value: Buffer): Promise<boolean>;
  expire(keys: readonly string[], ttlSeconds: number): Promise<void>;
  /** @returns how many of them there were */
  delete(keys: readonly string[]): Promise<number>;
  /** Puts a member into a set, which lives for so long from now on. */
  add(key: string, member: string, ttlSeconds: number): Promise<void>;
  /** Takes a member out of a set; an empty set is gone. */
  remove(key: string, member: string): Promise<void>;
  members(key: string): Promise<readonly string[]>;
  /** @throws when the records cannot be reached */
  ping(): Promise<void>;
}

/** The records cannot be reached; whoever was signed in still is. */
export class RecordsUnavailable extends Error {
  override readonly name = 'RecordsUnavailable';
  readonly status = 503;
}

/** One command, so that a connection which breaks in between leaves no set that lives for ever. */
const addScript = "redis.call('SADD', KEYS[1], ARGV[1]) return redis.call('EXPIRE', KEYS[1], ARGV[2])";

/** Records on Redis, which every instance of the app sees. Commands of one tick travel in one round trip. */
export class RedisRecords implements Records {
  readonly #redis;

  constructor(redis: RedisClient) {
    this.#redis = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  }

  async get(key: string): Promise<Buffer | undefined> {
    return (await translated(this.#redis.get(key).catch(noRecord))) ?? undefined;
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

/** What is no string under one of our keys is not ours; empty bytes are no record, so that the reader drops it. */
function noRecord(error: unknown): Buffer {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return Buffer.alloc(0);
  throw error;
}

async function translated<Answer>(command: Promise<Answer>): Promise<Answer> {
  try {
    return await command;
  } catch (cause) {
    throw new RecordsUnavailable('Redis does not answer', { cause });
  }
}

/** Records of one process, for development: they end with it. */
export class MemoryRecords implements Records {
  readonly #records = new Map<string, { value: Buffer; expiresAt: number }>();
  readonly #now: () => number;
  #nextSweepAt = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#live(key)?.value;
  }

  async create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean> {
    this.#sweep();
    if (this.#live(key)) return false;
    this.#records.set(key, { value, expiresAt: this.#now() + ttlSeconds * 1000 });
    return true;
  }

  async replace(key: string, value: Buffer): Promise<boolean> {
    const record = this.#live(key);
    if (record) record.value = value;
    return record !== undefined;
  }

  async expire(keys: readonly string[], ttlSeconds: number): Promise<void> {
    for (const key of keys) {
      const record = this.#live(key);
      if (record) record.expiresAt = this.#now() + ttlSeconds * 1000;
    }
  }

  async delete(keys: readonly string[]): Promise<number> {
    return keys.filter((key) => this.#live(key) !== undefined && this.#records.delete(key)).length;
  }

  async add(key: string, member: string, ttlSeconds: number): Promise<void> {
    this.#sweep();
    this.#writeSet(key, this.#readSet(key).add(member), this.#now() + ttlSeconds * 1000);
  }

  async remove(key: string, member: string): Promise<void> {
    const members = this.#readSet(key);
    members.delete(member);
    const record = this.#live(key);
    if (record && members.size > 0) this.#writeSet(key, members, record.expiresAt);
    else this.#records.delete(key);
  }

  async members(key: string): Promise<readonly string[]> {
    return [...this.#readSet(key)];
  }

  async ping(): Promise<void> {}

  #readSet(key: string): Set<string> {
    return new Set(this.#live(key)?.value.toString().split(' '));
  }

  #writeSet(key: string, members: ReadonlySet<string>, expiresAt: number): void {
    this.#records.set(key, { value: Buffer.from([...members].join(' ')), expiresAt });
  }

  #live(key: string) {
    const record = this.#records.get(key);
    return record && record.expiresAt > this.#now() ? record : undefined;
  }

  #sweep(): void {
    if (this.#now() < this.#nextSweepAt) return;
    this.#nextSweepAt = this.#now() + 60_000;
    for (const key of this.#records.keys()) if (!this.#live(key)) this.#records.delete(key);
  }
}
