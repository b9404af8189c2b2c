import { SessionStoreUnavailable } from '../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../src/web/session/MemoryKeyValueStore.ts';

interface Held {
  /** Resolves when the call arrives. */
  readonly arrived: Promise<void>;
  /** Lets the call continue. */
  release(): void;
}

/** An in-process store that a test can inspect, delay at one call, and make unavailable. */
export class WatchedKeyValueStore extends MemoryKeyValueStore {
  /** The keys that were created and not yet deleted. */
  readonly keys = new Set<string>();
  /** Calls for which this is true throw SessionStoreUnavailable. */
  isAway: (method: string, key: string) => boolean = () => false;
  readonly #waiting = new Map<string, () => Promise<void>>();

  /** Delays the next call of a method for a kind of record, such as `replace` of `session`. */
  hold(method: 'get' | 'replace', kind: string): Held {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      this.#waiting.set(`${method} ${kind}`, () => {
        resolve();
        return released;
      });
    });
    return { arrived, release: () => release() };
  }

  override async get(key: string): Promise<Buffer | undefined> {
    const found = await super.get(key);
    await this.#pass('get', key);
    return found;
  }

  override async create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean> {
    await this.#pass('create', key);
    const isNew = await super.create(key, value, ttlSeconds);
    if (isNew) this.keys.add(key);
    return isNew;
  }

  override async replace(key: string, value: Buffer): Promise<boolean> {
    await this.#pass('replace', key);
    return await super.replace(key, value);
  }

  override async delete(keys: readonly string[]): Promise<number> {
    for (const key of keys) await this.#pass('delete', key);
    for (const key of keys) this.keys.delete(key);
    return await super.delete(keys);
  }

  override async add(key: string, member: string, ttlSeconds: number, limit: number): Promise<readonly string[]> {
    await this.#pass('add', key);
    const oldest = await super.add(key, member, ttlSeconds, limit);
    this.keys.add(key);
    return oldest;
  }

  override async remove(key: string, members: readonly string[]): Promise<void> {
    await this.#pass('remove', key);
    await super.remove(key, members);
    if ((await super.members(key, 1)).length === 0) this.keys.delete(key);
  }

  override async members(key: string, count: number): Promise<readonly string[]> {
    await this.#pass('members', key);
    return await super.members(key, count);
  }

  override async check(): Promise<void> {
    await this.#pass('check', '');
  }

  async #pass(method: string, key: string): Promise<void> {
    if (this.isAway(method, key)) throw new SessionStoreUnavailable('made unavailable by the test');
    const call = `${method} ${key.split(':')[2] ?? ''}`;
    const wait = this.#waiting.get(call);
    this.#waiting.delete(call);
    await wait?.();
  }
}
