import { createHash } from 'node:crypto';
import type { SessionLifetime } from './lifetime.ts';
import type { Records } from './records.ts';
import { recordKeys, sessionHash } from './seal.ts';

/**
 * What stands here for a session id of the tenant (the claim `sid`): 132 bits of its SHA-256, so that the session record
 * stays small. @returns undefined for what is no session id
 */
export function hashSid(sid: unknown): string | undefined {
  if (typeof sid !== 'string' || sid === '') return undefined;
  return createHash('sha256').update(sid).digest('base64url').slice(0, 22);
}

/**
 * Which sessions began under one session at the tenant, so that the tenant can end them: its call comes without their
 * cookies. They can be several, because the tenant's cookie may outlive ours, and two tabs may sign in at once.
 */
export class SessionIndex {
  readonly #records: Records;
  readonly #ttlSeconds: number;

  constructor(records: Records, { absoluteMs }: SessionLifetime) {
    this.#records = records;
    this.#ttlSeconds = Math.ceil(absoluteMs / 1000);
  }

  async add(sidHash: string, sessionId: string): Promise<void> {
    await this.#records.add(indexKey(sidHash), sessionHash(sessionId), this.#ttlSeconds);
  }

  async remove(sidHash: string, sessionId: string): Promise<void> {
    await this.#records.remove(indexKey(sidHash), sessionHash(sessionId));
  }

  /**
   * Ends the sessions of a session at the tenant.
   * @returns the hashes of those that had not ended before
   * @throws {RecordsUnavailable} when it cannot be done now
   */
  async end(sidHash: string): Promise<readonly string[]> {
    const key = indexKey(sidHash);
    const ended: string[] = [];
    // One after the other: a customer can begin thousands, which must not fill the line of commands that all requests share.
    for (const hash of await this.#records.members(key)) {
      if ((await this.#records.delete(recordKeys(hash))) > 0) ended.push(hash);
      // Then, so that a call which fails half-way can be made again; and not the key, where new ones may stand by now.
      await this.#records.remove(key, hash);
    }
    return ended;
  }
}

function indexKey(sidHash: string): string {
  return `web:v1:sid:${sidHash}`;
}
