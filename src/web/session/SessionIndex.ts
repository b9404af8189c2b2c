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

/**
 * Finds the sessions that began under one session at the tenant, so that the tenant can end them without their cookies.
 * There can be several: the tenant's cookie may outlive ours, and two tabs may sign in at once.
 */
export class SessionIndex {
  readonly #records: KeyValueStore;
  readonly #ttlSeconds: number;

  constructor(records: KeyValueStore, { absoluteMs }: SessionLifetime) {
    this.#records = records;
    this.#ttlSeconds = Math.ceil(absoluteMs / 1000);
  }

  /** @param sidHash undefined for a session whose ID token has no `sid` */
  async add(sidHash: string | undefined, sessionId: string): Promise<void> {
    if (sidHash) await this.#records.add(indexKey(sidHash), sessionHash(sessionId), this.#ttlSeconds);
  }

  async remove(sidHash: string | undefined, sessionId: string): Promise<void> {
    if (sidHash) await this.#records.remove(indexKey(sidHash), sessionHash(sessionId));
  }

  /**
   * Ends the sessions that began under a session at the tenant.
   * @returns the hashes of those that had not ended before
   * @throws {SessionStoreUnavailable}
   */
  async end(sidHash: string): Promise<readonly string[]> {
    const key = indexKey(sidHash);
    const ended: string[] = [];
    // One at a time: a customer can begin thousands of sessions, and all requests share one queue of commands.
    for (const hash of await this.#records.members(key)) {
      if ((await this.#records.delete(recordKeys(hash))) > 0) ended.push(hash);
      // Remove members one by one: a failed call can be repeated, and new members stay.
      await this.#records.remove(key, hash);
    }
    return ended;
  }
}

function indexKey(sidHash: string): string {
  return `web:v1:sid:${sidHash}`;
}
