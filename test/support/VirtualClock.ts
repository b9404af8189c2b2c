import type { WaitingClock } from '../../src/entra/terminal/waiting.ts';

/** A clock on which waiting takes no time until it is stopped. */
export class VirtualClock implements WaitingClock {
  /** The waits so far, in seconds. */
  readonly waits: number[] = [];
  /** Runs during each wait. */
  whileWaiting: () => Promise<unknown> | unknown = () => {};
  #now = 1_000;

  now(): number {
    return this.#now;
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.waits.push(ms / 1000);
    this.#now += ms;
    await this.whileWaiting();
    signal.throwIfAborted();
  }
}
