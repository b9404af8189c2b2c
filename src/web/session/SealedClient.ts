import type { KeyValueStore } from './KeyValueStore.ts';
import { openRecord, recordKey, recordKeys, sealRecord, sessionHash } from './seal.ts';

/**
 * The Redis client that connect-redis is given. It takes session ids and clear text; Redis gets hashes and sealed bytes.
 * `test/web/session/SealedClient.test.ts` pins the calls that connect-redis makes.
 */
export class SealedClient {
  readonly #records: KeyValueStore;
  readonly #isLive: (text: string) => boolean;

  /** @param isLive whether the text of a session says that it is not over */
  constructor(records: KeyValueStore, isLive: (text: string) => boolean) {
    this.#records = records;
    this.#isLive = isLive;
  }

  /** A record that cannot be opened, or whose session is over, is deleted with the session's other records. */
  async get(sessionId: string): Promise<string | null> {
    const sealed = await this.#records.get(recordKey('session', sessionId));
    if (!sealed) return null;
    const text = openRecord('session', sessionId, sealed);
    if (text !== undefined && this.#isLive(text)) return text;
    await this.del([sessionId]);
    return null;
  }

  /** Stores a new session. connect-redis never calls this. @returns false when the id is taken */
  async create(sessionId: string, text: string, ttlSeconds: number): Promise<boolean> {
    const sealed = sealRecord('session', sessionId, text);
    return await this.#records.create(recordKey('session', sessionId), sealed, ttlSeconds);
  }

  /**
   * Only replaces, so that a request that is still running cannot bring back a session that has ended.
   * @see https://github.com/expressjs/session/issues/632
   */
  async set(sessionId: string, text: string): Promise<void> {
    await this.#records.replace(recordKey('session', sessionId), sealRecord('session', sessionId, text));
  }

  /** Extends the life of all four records. */
  async expire(sessionId: string, ttlSeconds: number): Promise<void> {
    await this.#records.expire(recordKeys(sessionHash(sessionId)), ttlSeconds);
  }

  /** Deletes all four records of each session. */
  async del(sessionIds: readonly string[]): Promise<void> {
    await this.#records.delete(sessionIds.flatMap((sessionId) => recordKeys(sessionHash(sessionId))));
  }
}
