import { createHash } from 'node:crypto';
import type { KeyValueStore } from './KeyValueStore.ts';

/** Remembers which sign-ins came back from the tenant, so that each is finished once, on whichever instance. */
export class UsedAttempts {
  readonly #records: KeyValueStore;

  constructor(records: KeyValueStore) {
    this.#records = records;
  }

  /**
   * Claims an attempt for as long as its cookie is valid. Call it only for a browser that has the cookie.
   * @returns false when the attempt was claimed before
   */
  async claim(state: string, ttlSeconds: number): Promise<boolean> {
    const hash = createHash('sha256').update(state).digest('base64url');
    return await this.#records.create(`web:v1:used:${hash}`, Buffer.from('1'), ttlSeconds);
  }
}
