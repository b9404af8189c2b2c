import { createHash } from 'node:crypto';
import type { KeyValueStore } from './KeyValueStore.ts';
import type { SessionLifetime } from './SealedStore.ts';
import { recordKeys, sessionHash } from './seal.ts';

/**
 * Stands for a session at the tenant (the claim `sid`): 132 bits of its SHA-256, which keeps the session record small.
 * @returns undefined for a value that is not a `sid`
 */
export function hashSid(sid: unknown): string | undefined {
  if (typeof sid !== 'string' || sid === '') return undefined;
  return createHash('sha256').update(sid).digest('base64url').slice(0, 22);
}

/** The most sessions under one session at the tenant. Somebody who signs in with one click can begin thousands. */
export const maxSessions = 100;
const batchSize = 100;

/**
 * Finds the sessions that began under one session at the tenant, so that the tenant can end them without their cookies.
 * There can be several: the tenant's cookie may outlive ours, and two tabs may sign in at once.
 */
export class SessionIndex {
  readonly #records: KeyValueStore;
  readonly #ttlSeconds: number;
  /** The calls of {@link end} that are running in this process, one for each key. */
  readonly #walks = new Map<string, Promise<unknown>>();

  constructor(records: KeyValueStore, { absoluteMs }: SessionLifetime) {
    this.#records = records;
    this.#ttlSeconds = Math.ceil(absoluteMs / 1000);
  }

  /**
   * Above {@link maxSessions}, the oldest sessions end.
   * @param sidHash undefined for a session whose ID token has no `sid`
   */
  async add(sidHash: string | undefined, sessionId: string): Promise<void> {
    if (!sidHash) return;
    const key = indexKey(sidHash);
    const oldest = await this.#records.add(key, sessionHash(sessionId), this.#ttlSeconds, maxSessions);
    if (oldest.length > 0) await this.#endBatch(key, oldest.slice(0, batchSize));
  }

  async remove(sidHash: string | undefined, sessionId: string): Promise<void> {
    if (sidHash) await this.#records.remove(indexKey(sidHash), [sessionHash(sessionId)]);
  }

  /**
   * Ends the sessions that began under a session at the tenant. Repeated calls wait for each other.
   * @returns the hashes of those that had not ended before
   * @throws {SessionStoreUnavailable}
   */
  async end(sidHash: string): Promise<readonly string[]> {
    const key = indexKey(sidHash);
    for (let walk = this.#walks.get(key); walk; walk = this.#walks.get(key)) await walk;
    const walk = this.#endAll(key).finally(() => this.#walks.delete(key));
    this.#walks.set(key, walk);
    return await walk;
  }

  /** In batches, because all requests share one queue of commands. */
  async #endAll(key: string): Promise<readonly string[]> {
    const ended: string[] = [];
    for (;;) {
      const batch = await this.#records.members(key, batchSize);
      if (batch.length > 0) ended.push(...(await this.#endBatch(key, batch)));
      if (batch.length < batchSize) return ended;
    }
  }

  /** Removes members only after their records, so that a failed call can be repeated. */
  async #endBatch(key: string, hashes: readonly string[]): Promise<readonly string[]> {
    const counts = await Promise.all(hashes.map((hash) => this.#records.delete(recordKeys(hash))));
    await this.#records.remove(key, hashes);
    return hashes.filter((_hash, index) => counts[index] !== 0);
  }
}

function indexKey(sidHash: string): string {
  return `web:v1:sid:{${sidHash}}`;
}
