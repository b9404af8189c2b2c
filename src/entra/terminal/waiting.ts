import { setTimeout as delay } from 'node:timers/promises';

/** Time as the waiting for a customer sees it. */
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

/** The work's outcome, or the signal's reason if that comes first; the work is not ended by it. */
export function untilAborted<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
