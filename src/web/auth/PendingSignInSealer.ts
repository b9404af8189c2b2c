import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';
import { secretEqual } from '../../runtime/secretEqual.ts';
import { SignInFailed } from './errors.ts';

/** How long a customer may take at the tenant: an account with a mailed code takes a while. */
export const pendingSignInSeconds = 60 * 60;
/** How many sign-ins one browser may have open, in as many tabs. */
export const maxPendingSignIns = 5;
/** After so many sign-ins in a row something keeps them from lasting, and sending the customer on would go on for ever. */
export const maxRounds = 3;

const pendingSignIn = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
  /** Whether this attempt already is the second, made because the tenant asked for interaction. */
  isRetry: z.boolean(),
  /** How many sign-ins in a row came before this one, each within a minute of the last; see {@link maxRounds}. */
  round: z.number(),
  iat: z.number(),
});

/** A sign-in that was started in this browser and has not come back yet. */
export type PendingSignIn = z.output<typeof pendingSignIn>;
export type NewPendingSignIn = Omit<PendingSignIn, 'iat'>;

/** Names the cookie of an attempt without telling its state. */
export function attemptId(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 16);
}

/** A new attempt: its secrets are unguessable and its own, 256 bits each. */
export function newPendingSignIn(trip: Pick<PendingSignIn, 'returnTo' | 'isRetry' | 'round'>): NewPendingSignIn {
  const secret = () => randomBytes(32).toString('base64url');
  return { state: secret(), nonce: secret(), codeVerifier: secret(), ...trip };
}

/**
 * Seals attempts for the browser to keep, so that nothing is stored for a stranger, and opens them again.
 * A sealed attempt is a JWE (`dir`, A256GCM): it can be neither read nor changed.
 */
export class PendingSignInSealer {
  readonly #keys: readonly Uint8Array[];
  readonly #now: () => number;

  /** @param secrets newest first: the first seals, all of them open */
  constructor(secrets: readonly string[], now: () => number = Date.now) {
    this.#keys = secrets.map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', 'pending sign-in', 32)));
    this.#now = now;
  }

  async seal(attempt: NewPendingSignIn): Promise<string> {
    const [newest = new Uint8Array()] = this.#keys;
    return await new EncryptJWT({ ...attempt })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setIssuedAt(Math.floor(this.#now() / 1000))
      .encrypt(newest);
  }

  /**
   * Opens the attempt that an answer's `state` belongs to.
   * @throws {SignInFailed} when the cookie is missing, not ours, of another state, or more than 60 minutes old
   */
  async open(sealed: string | undefined, state: string): Promise<PendingSignIn> {
    const attempt = await this.#decrypt(sealed);
    if (!attempt || !secretEqual(attempt.state, state)) throw new SignInFailed('unknown attempt');
    const ageSeconds = this.#now() / 1000 - attempt.iat;
    if (ageSeconds > pendingSignInSeconds) throw new SignInFailed('expired attempt');
    return attempt;
  }

  /** When a sealed attempt was made, in seconds since 1970; 0 for one that cannot be opened. */
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
        // Not sealed with this key: an older secret's may follow, and what no key opens is not ours.
      }
    }
    return undefined;
  }
}
