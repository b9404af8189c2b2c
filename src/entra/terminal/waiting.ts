import { setTimeout as delay } from 'node:timers/promises';

/** The time while the program waits for a person to sign in. */
export interface WaitingClock {
  /** Milliseconds on a clock that is never set back. */
  now(): number;
  /** Rejects at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
}

export const systemClock: WaitingClock = {
  now: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};

/** The outcome of the work, or the signal's reason if that comes first. The work itself goes on. */
export function untilAborted<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
