import type { KeyValueStore } from './KeyValueStore.ts';

interface Entry {
  value: Buffer;
  readonly members: Set<string>;
  expiresAt: number;
}

/** The memory of this process, for development. Everything ends with the process. */
export class MemoryKeyValueStore implements KeyValueStore {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  #nextSweepAt = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#live(key)?.value;
  }

  async create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean> {
    if (this.#live(key)) return false;
    this.#put(key, value, ttlSeconds);
    return true;
  }

  async replace(key: string, value: Buffer): Promise<boolean> {
    const entry = this.#live(key);
    if (entry) entry.value = value;
    return entry !== undefined;
  }

  async expire(keys: readonly string[], ttlSeconds: number): Promise<void> {
    for (const key of keys) {
      const entry = this.#live(key);
      if (entry) entry.expiresAt = this.#in(ttlSeconds);
    }
  }

  async delete(keys: readonly string[]): Promise<number> {
    return keys.filter((key) => this.#live(key) && this.#entries.delete(key)).length;
  }

  async add(key: string, member: string, ttlSeconds: number, limit: number): Promise<readonly string[]> {
    const entry = this.#live(key) ?? this.#put(key, Buffer.alloc(0), ttlSeconds);
    entry.members.add(member);
    entry.expiresAt = this.#in(ttlSeconds);
    return await this.members(key, entry.members.size - limit);
  }

  async remove(key: string, members: readonly string[]): Promise<void> {
    const entry = this.#live(key);
    for (const member of members) entry?.members.delete(member);
    if (entry?.members.size === 0) this.#entries.delete(key);
  }

  async members(key: string, count: number): Promise<readonly string[]> {
    return [...(this.#live(key)?.members ?? [])].slice(0, Math.max(0, count));
  }

  async check(): Promise<void> {}

  #in(seconds: number): number {
    return this.#now() + seconds * 1000;
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt > this.#now() ? entry : undefined;
  }

  #put(key: string, value: Buffer, ttlSeconds: number): Entry {
    this.#sweep();
    const entry = { value, members: new Set<string>(), expiresAt: this.#in(ttlSeconds) };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Drops expired entries once a minute, so that memory does not grow. */
  #sweep(): void {
    if (this.#now() < this.#nextSweepAt) return;
    this.#nextSweepAt = this.#in(60);
    for (const key of this.#entries.keys()) if (!this.#live(key)) this.#entries.delete(key);
  }
}
