import { createHash } from 'node:crypto';
import type { Records } from './records.ts';

/** Remembers which sign-ins came back, so that each is finished once, however often its answer is sent. */
export class UsedAttempts {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /**
   * Claims an attempt, for as long as its cookie could live. Only for a caller who holds that cookie.
   * @returns false when it was claimed before, on this instance or another
   */
  async claim(state: string, ttlSeconds: number): Promise<boolean> {
    const hash = createHash('sha256').update(state).digest('base64url');
    return await this.#records.create(`web:v1:used:${hash}`, Buffer.from('1'), ttlSeconds);
  }
}
