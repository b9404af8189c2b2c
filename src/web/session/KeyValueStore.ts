/** Short-lived values under a key: on Redis, or in this process when there is none. */
export interface KeyValueStore {
  get(key: string): Promise<Buffer | undefined>;
  /** Writes a new value. @returns false when the key exists already */
  create(key: string, value: Buffer, ttlSeconds: number): Promise<boolean>;
  /** Overwrites a value that still exists and keeps its time to live. @returns false when it has ended */
  replace(key: string, value: Buffer): Promise<boolean>;
  expire(keys: readonly string[], ttlSeconds: number): Promise<void>;
  /** Deletes keys with a common hash tag. @returns how many of them existed */
  delete(keys: readonly string[]): Promise<number>;
  /**
   * Adds a member to a set and restarts the set's time to live.
   * @returns the oldest members, as many as are above the limit; they stay in the set until they are removed
   */
  add(key: string, member: string, ttlSeconds: number, limit: number): Promise<readonly string[]>;
  /** Removes members from a set. The last member takes the set with it. */
  remove(key: string, members: readonly string[]): Promise<void>;
  /** The oldest members of a set. */
  members(key: string, count: number): Promise<readonly string[]>;
  /**
   * Tries what the app does with the store.
   * @throws {SessionStoreUnavailable}
   */
  check(): Promise<void>;
}

/** The store cannot be reached. Nobody is signed out by that. */
export class SessionStoreUnavailable extends Error {
  override readonly name = 'SessionStoreUnavailable';
  readonly status = 503;
}
