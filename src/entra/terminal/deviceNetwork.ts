import { type INetworkModule, type NetworkResponse, ServerError } from '@azure/msal-node';
import { z } from 'zod';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { createMsalNetwork, TokenEndpointError } from '../msalNetwork.ts';
import type { WaitingClock } from './waiting.ts';

interface DeviceNetworkOptions {
  readonly http: HttpClient;
  readonly tokenEndpoint: string;
  readonly signal: AbortSignal;
  readonly clock: WaitingClock;
}

const shortestIntervalSeconds = 5;
const longestPauseMs = 60_000;
const slowDownMs = 5_000;

/** @see https://www.rfc-editor.org/rfc/rfc8628#section-3.2 */
const deviceAnswer = z.object({
  // A person reads and types it. Text that looks like an address or moves the cursor is refused.
  user_code: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9 -]{0,30}[A-Za-z0-9])?$/),
  device_code: z.string().min(1).max(4096),
  interval: z
    .number()
    .catch(shortestIntervalSeconds)
    .transform((seconds) => Math.min(Math.max(seconds, shortestIntervalSeconds), 60)),
  expires_in: z
    .number()
    .positive()
    .catch(900)
    .transform((seconds) => Math.min(seconds, 1800)),
});

/** A description that is not text is ignored; the error still counts. */
const oauthError = z.object({ error: z.string(), error_description: z.string().optional().catch(undefined) });

/**
 * MSAL's network for one sign-in with a device code. It does the polling and answers MSAL's first poll with the final
 * result, because MSAL stops at `slow_down` and at the first broken connection, polls without a pause when the tenant
 * names no interval, and takes `500 {}` for tokens.
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 */
export function createDeviceNetwork(options: DeviceNetworkOptions): INetworkModule {
  const { http, tokenEndpoint, clock } = options;
  const deviceEndpoint = deviceEndpointOf(tokenEndpoint);
  // MSAL ignores the metadata's device_authorization_endpoint and derives this, which can name another host.
  const derivedByMsal = tokenEndpoint.replace('/token', '/devicecode');
  const codes = createMsalNetwork(http, deviceEndpoint, deviceAnswer);
  const tokens = createMsalNetwork(http, tokenEndpoint);
  let given: { expiresAtMs: number; intervalMs: number } | undefined;
  return {
    sendGetRequestAsync: tokens.sendGetRequestAsync,
    async sendPostRequestAsync(url, request) {
      if (given) return await poll(options, given, () => tokens.sendPostRequestAsync(url, request));
      const { status, body } = await codes.sendPostRequestAsync(
        url.startsWith(derivedByMsal) ? deviceEndpoint + url.slice(derivedByMsal.length) : url,
        request,
      );
      options.signal.throwIfAborted();
      throwRefusal(body);
      const answer = deviceAnswer.parse(body);
      given = { expiresAtMs: clock.now() + answer.expires_in * 1000, intervalMs: answer.interval * 1000 };
      return { status, headers: {}, body: Object(answer) };
    },
  };
}

/** The endpoint beside the token endpoint, on the same origin. */
function deviceEndpointOf(tokenEndpoint: string): string {
  const { origin, pathname } = new URL(tokenEndpoint);
  return origin + pathname.replace(/\/token$/, '/devicecode');
}

/** Polls until an answer ends the wait. After a failure it polls again, less and less often. */
async function poll<Body>(
  { clock, signal }: DeviceNetworkOptions,
  given: { readonly expiresAtMs: number; readonly intervalMs: number },
  ask: () => Promise<NetworkResponse<Body>>,
): Promise<NetworkResponse<Body>> {
  let { intervalMs } = given;
  let pauseMs = intervalMs;
  for (;;) {
    await clock.wait(Math.max(0, Math.min(pauseMs, given.expiresAtMs - clock.now())), signal);
    signal.throwIfAborted();
    if (clock.now() >= given.expiresAtMs) throw new ServerError('expired_token', '', 'the code was not used in time');
    try {
      const answer = await ask();
      const error = oauthError.safeParse(answer.body).data?.error;
      if (error === 'slow_down') intervalMs += slowDownMs;
      else if (error !== 'authorization_pending') {
        throwRefusal(answer.body);
        return answer;
      }
      pauseMs = intervalMs;
    } catch (error) {
      if (!(error instanceof TokenEndpointError)) throw error;
      const backOffMs = Math.min(pauseMs * 2, longestPauseMs);
      pauseMs = Math.max(intervalMs, backOffMs, (error.retryAfterSeconds ?? 0) * 1000);
    }
  }
}

/** MSAL ignores an error in the answer with the device code, and loses the AADSTS code of an error in a poll. */
function throwRefusal(body: unknown): void {
  const refusal = oauthError.safeParse(body).data;
  if (refusal) throw new ServerError(refusal.error, '', refusal.error_description);
}
