import type { Clock } from '../state/Clock.ts';
import { ExpiringMap } from '../state/ExpiringMap.ts';

interface Tries {
  readonly wrong: number;
  /** Seconds since 1970; 0 when it is not locked. */
  readonly lockedUntil: number;
}

const triesBeforeLock = 10;
const lockSeconds = 60;
/** Only wrong passwords of the last hour count. */
const rememberedSeconds = 3600;

/**
 * Locks an address for a minute after ten wrong passwords, across all browsers.
 * @see https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout
 */
export class PasswordLock {
  readonly #clock: Clock;
  readonly #tries: ExpiringMap<Tries>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#tries = new ExpiringMap(clock);
  }

  secondsLeft(email: string): number {
    return Math.max(0, (this.#tries.get(keyOf(email))?.lockedUntil ?? 0) - this.#clock.nowSeconds());
  }

  /** Counts a try. Call it before checking the password, so that concurrent tries are all counted. */
  count(email: string): void {
    const wrong = (this.#tries.get(keyOf(email))?.wrong ?? 0) + 1;
    const isLocked = wrong >= triesBeforeLock;
    const tries = isLocked
      ? { wrong: 0, lockedUntil: this.#clock.nowSeconds() + lockSeconds }
      : { wrong, lockedUntil: 0 };
    this.#tries.set(keyOf(email), tries, rememberedSeconds);
  }

  release(email: string): void {
    this.#tries.delete(keyOf(email));
  }

  clear(): void {
    this.#tries.clear();
  }
}

function keyOf(email: string): string {
  return email.toLowerCase();
}
