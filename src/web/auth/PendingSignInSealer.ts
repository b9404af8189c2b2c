import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';
import { secretEqual } from '../../runtime/secretEqual.ts';
import { SignInFailed } from './errors.ts';

/** How long a customer may take at the tenant. Creating an account with a mailed code takes a while. */
export const pendingSignInSeconds = 60 * 60;
/** How many sign-ins one browser may have open at the same time, for example in several tabs. */
export const maxPendingSignIns = 5;

const pendingSignIn = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
  /** Whether this is the second attempt, made because the tenant asked for interaction. */
  isRetry: z.boolean(),
  iat: z.number(),
});

/** A sign-in that was started in this browser and has not come back from the tenant yet. */
export type PendingSignIn = z.output<typeof pendingSignIn>;
export type NewPendingSignIn = Omit<PendingSignIn, 'iat'>;

/** Names the cookie of a pending sign-in without revealing its state. */
export function pendingSignInId(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 16);
}

/** A new pending sign-in with secrets of its own, 256 random bits each. */
export function newPendingSignIn(trip: Pick<PendingSignIn, 'returnTo' | 'isRetry'>): NewPendingSignIn {
  const secret = () => randomBytes(32).toString('base64url');
  return { state: secret(), nonce: secret(), codeVerifier: secret(), ...trip };
}

/**
 * Encrypts pending sign-ins into cookies, so that the server stores nothing for anonymous visitors.
 * A sealed one is a JWE (`dir`, A256GCM): it can be neither read nor changed.
 */
export class PendingSignInSealer {
  readonly #keys: readonly Uint8Array[];
  readonly #now: () => number;

  /** @param secrets newest first: the first seals, all of them open */
  constructor(secrets: readonly string[], now: () => number = Date.now) {
    this.#keys = secrets.map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'pending sign-in', 32)));
    this.#now = now;
  }

  async seal(pending: NewPendingSignIn): Promise<string> {
    const [newest = new Uint8Array()] = this.#keys;
    return await new EncryptJWT({ ...pending })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setIssuedAt(Math.floor(this.#now() / 1000))
      .encrypt(newest);
  }

  /**
   * Decrypts the pending sign-in that an answer's `state` belongs to.
   * @throws {SignInFailed} when the cookie is missing, not ours, for another state, or more than 60 minutes old
   */
  async open(sealed: string | undefined, state: string): Promise<PendingSignIn> {
    const pending = await this.#decrypt(sealed);
    if (!pending || !secretEqual(pending.state, state)) throw new SignInFailed('unknown attempt');
    const ageSeconds = this.#now() / 1000 - pending.iat;
    if (ageSeconds > pendingSignInSeconds) throw new SignInFailed('expired attempt');
    return pending;
  }

  /** When it was sealed, in seconds since 1970; 0 if it cannot be decrypted. */
  async startedAt(sealed: string): Promise<number> {
    return (await this.#decrypt(sealed))?.iat ?? 0;
  }

  async #decrypt(sealed = ''): Promise<PendingSignIn | undefined> {
    for (const key of this.#keys) {
      try {
        const { payload } = await jwtDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return pendingSignIn.parse(payload);
      } catch {
        // Not sealed with this key. The next one may be the key of an older secret.
      }
    }
    return undefined;
  }
}
