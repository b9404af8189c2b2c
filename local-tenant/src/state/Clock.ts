/**
 * The time as this tenant sees it: the machine's, moved forward on demand, so that tests meet expiry without waiting.
 * It moves authorization codes, refresh tokens, sessions, mailed codes and the times in tokens. Apps keep their own time.
 */
export class Clock {
  #offsetSeconds = 0;

  get offsetSeconds(): number {
    return this.#offsetSeconds;
  }

  /** Seconds since 1970, as in a token's `iat`. */
  nowSeconds(): number {
    return Math.floor(Date.now() / 1000) + this.#offsetSeconds;
  }

  /** A time that oidc-provider told, which has the machine's clock. */
  fromMachine(seconds: number | undefined): number | undefined {
    return seconds === undefined ? undefined : seconds + this.#offsetSeconds;
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetSeconds * 1000);
  }

  advance(seconds: number): void {
    this.#offsetSeconds += seconds;
  }

  reset(): void {
    this.#offsetSeconds = 0;
  }
}
