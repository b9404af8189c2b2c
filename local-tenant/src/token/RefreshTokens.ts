import { AadstsError } from '../AadstsError.ts';
import type { Platform } from '../registrations/redirectUri.ts';
import type { Clock } from '../state/Clock.ts';
import { ExpiringMap } from '../state/ExpiringMap.ts';
import { opaque } from './opaque.ts';

export interface SignInFacts {
  /** The session's id, as apps see it. */
  readonly sid: string;
  /** When the customer gave credentials: seconds since 1970. */
  readonly authTime: number | undefined;
  /** The authentication contexts that the customer has satisfied. */
  readonly acrs: readonly string[];
}

interface RefreshGrant extends SignInFacts {
  readonly oid: string;
  readonly clientId: string;
  readonly scope: string;
  readonly platform: Platform;
  /** When a single-page app's sign-in ends, in seconds since 1970; its new refresh tokens do not extend it. */
  readonly endsAt?: number | undefined;
}

interface Entry {
  readonly grant: RefreshGrant;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  isRevoked: boolean;
}

/** @see https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes#refresh-and-session-token-lifetime-policy-properties */
const lifetimeSeconds = 90 * 86_400;
/** @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime */
const spaLifetimeSeconds = 86_400;

/**
 * The refresh tokens. Each use issues a new one; the old one stays valid.
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime
 */
export class RefreshTokens {
  readonly #clock: Clock;
  readonly #entries: ExpiringMap<Entry>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#entries = new ExpiringMap(clock);
  }

  issue(grant: RefreshGrant): string {
    const token = `1.A${opaque(180)}`;
    const isOfSpa = grant.platform === 'spa';
    const now = this.#clock.nowSeconds();
    const expiresAt = isOfSpa ? (grant.endsAt ?? now + spaLifetimeSeconds) : now + lifetimeSeconds;
    // Kept twice as long, so that "expired" and "unknown" can be told apart.
    this.#entries.set(token, { grant, expiresAt, isRevoked: false }, lifetimeSeconds * 2);
    return token;
  }

  platformOf(token: string): Platform | undefined {
    return this.#entries.get(token)?.grant.platform;
  }

  /** @throws {AadstsError} 70000 unknown or another app's, 50173 revoked, 700082 or 700084 expired. */
  redeem(token: string, clientId: string): RefreshGrant {
    const entry = this.#entries.get(token);
    if (!entry || entry.grant.clientId !== clientId) throw new AadstsError(70000, 'refresh_token');
    if (entry.isRevoked) throw new AadstsError(50173);
    if (entry.expiresAt <= this.#clock.nowSeconds()) {
      throw new AadstsError(entry.grant.platform === 'spa' ? 700084 : 700082);
    }
    return { ...entry.grant, endsAt: entry.expiresAt };
  }

  /** Revokes a customer's refresh tokens, as revokeSignInSessions does. @param platforms default: all */
  revokeAll(oid: string, platforms?: readonly Platform[]): void {
    for (const entry of this.#entries.values()) {
      const isMeant = platforms?.includes(entry.grant.platform) ?? true;
      if (entry.grant.oid === oid && isMeant) entry.isRevoked = true;
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
