import type { HttpClient } from '../../runtime/httpClient.ts';
import type { WaitingClock } from './waiting.ts';

export interface ListeningOptions {
  readonly http: HttpClient;
  readonly clock: WaitingClock;
  /** Ends the waiting at once. */
  readonly signal: AbortSignal;
  /** Is given the address to open; the sign-in may also be done in a browser that the person opens. */
  readonly open: (url: string) => Promise<void> | void;
  /** What a person who takes longer than five minutes is told. */
  readonly expired: () => Error;
}

const browserTimeoutMs = 5 * 60 * 1000;

/**
 * Bounds a sign-in with a browser on this machine, for which MSAL listens on a port and would wait without an end.
 * @param work is given the signal that ends it, and what MSAL is to open the browser with
 * @throws what `open` throws, what `expired` gives, and the signal's reason, all by way of the signal that `work` gets
 */
export async function listenForBrowser<Value>(
  { http, clock, signal, open, expired }: ListeningOptions,
  work: (stopped: AbortSignal, openBrowser: (url: string) => Promise<void>) => Promise<Value>,
): Promise<Value> {
  const ending = new AbortController();
  const done = new AbortController();
  clock.wait(browserTimeoutMs, done.signal).then(
    () => ending.abort(expired()),
    () => {},
  );
  const stopped = AbortSignal.any([signal, ending.signal]);
  try {
    return await work(stopped, async (url) => {
      stopped.throwIfAborted();
      stopped.addEventListener('abort', () => endListening(url, http), { once: true, signal: done.signal });
      try {
        await open(url);
      } catch (error) {
        ending.abort(error);
      }
    });
  } finally {
    done.abort();
  }
}

/** Ends MSAL's waiting for the browser. MSAL offers no way to, but takes the first answer that has its state. */
function endListening(authorizeUrl: string, http: HttpClient): void {
  const { searchParams } = new URL(authorizeUrl);
  const body = new URLSearchParams({ error: 'interrupted', state: searchParams.get('state') ?? '' }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = new URL(searchParams.get('redirect_uri') ?? '').href;
  http.request({ method: 'POST', url, headers, body }).catch(() => {});
}
