import type { Clock } from '../state/Clock.ts';
import { ExpiringMap } from '../state/ExpiringMap.ts';

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
  /** Wrong passwords by address. */
  readonly #wrong: ExpiringMap<number>;
  /** The end of the lock by address: seconds since 1970. */
  readonly #locked: ExpiringMap<number>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wrong = new ExpiringMap(clock);
    this.#locked = new ExpiringMap(clock);
  }

  secondsLeft(email: string): number {
    return (this.#locked.get(email.toLowerCase()) ?? this.#clock.nowSeconds()) - this.#clock.nowSeconds();
  }

  /** Counts a try. Call it before checking the password, so that concurrent tries are all counted. */
  count(email: string): void {
    const address = email.toLowerCase();
    const wrong = (this.#wrong.get(address) ?? 0) + 1;
    this.#wrong.set(address, wrong % triesBeforeLock, rememberedSeconds);
    if (wrong >= triesBeforeLock) this.#locked.set(address, this.#clock.nowSeconds() + lockSeconds, lockSeconds);
  }

  release(email: string): void {
    this.#wrong.delete(email.toLowerCase());
    this.#locked.delete(email.toLowerCase());
  }

  clear(): void {
    this.#wrong.clear();
    this.#locked.clear();
  }
}
