/** Short-lived values under a key: on Redis, or in this process when there is none. */
export interface KeyValueStore {
  get(key: string): Promise<Buffer | undefined>;
  /** Writes a new value. @returns false when the key exists already */
  create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean>;
  /** Overwrites a value that still exists and keeps its time to live. @returns false when it has ended */
  replace(key: string, value: Buffer): Promise<boolean>;
  expire(keys: readonly string[], ttlSeconds: number): Promise<void>;
  /** @returns how many of the keys existed */
  delete(keys: readonly string[]): Promise<number>;
  /** Adds a member to a set and restarts the set's time to live. */
  add(key: string, member: string, ttlSeconds: number): Promise<void>;
  /** Removes a member from a set. The last member takes the set with it. */
  remove(key: string, member: string): Promise<void>;
  members(key: string): Promise<readonly string[]>;
  /** @throws {SessionStoreUnavailable} */
  ping(): Promise<void>;
}

/** The store cannot be reached. Nobody is signed out by that. */
export class SessionStoreUnavailable extends Error {
  override readonly name = 'SessionStoreUnavailable';
  readonly status = 503;
}
