import type { HttpClient } from '../../runtime/httpClient.ts';
import type { WaitingClock } from './waiting.ts';

interface ListeningOptions {
  readonly http: HttpClient;
  readonly clock: WaitingClock;
  /** Stops the wait at once. */
  readonly signal: AbortSignal;
  /** Gets the address to open; the person may also open it in another browser on this machine. */
  readonly open: (url: string) => Promise<void> | void;
  /** The error after five minutes. */
  readonly expired: () => Error;
}

const browserTimeoutMs = 5 * 60 * 1000;

/**
 * Limits the time of a sign-in with a browser on this machine. MSAL listens on a port for the answer and would wait forever.
 * @param work gets the signal that stops it, and MSAL's `openBrowser`
 * @throws what `open` throws, what `expired` returns, or the signal's reason; `work` gets each as the reason of its signal
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

/** Stops MSAL's wait for the browser. MSAL offers no way to do so, but accepts the first answer that has its state. */
function endListening(authorizeUrl: string, http: HttpClient): void {
  const { searchParams } = new URL(authorizeUrl);
  const body = new URLSearchParams({ error: 'interrupted', state: searchParams.get('state') ?? '' }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = new URL(searchParams.get('redirect_uri') ?? '').href;
  http.request({ method: 'POST', url, headers, body }).catch(() => {});
}
