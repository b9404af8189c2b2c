import { type INetworkModule, type NetworkResponse, ServerError } from '@azure/msal-node';
import { z } from 'zod';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { createMsalNetwork, TokenEndpointError } from '../msalNetwork.ts';
import type { WaitingClock } from './waiting.ts';

export interface DeviceNetworkOptions {
  readonly http: HttpClient;
  readonly tokenEndpoint: string;
  readonly signal: AbortSignal;
  readonly clock: WaitingClock;
}

const shortestIntervalSeconds = 5;
const longestPauseMs = 60_000;
const slowDownMs = 5_000;

/** What is shown is typed by a person; text that could pass for an address or move the cursor is no code. */
const userCode = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9 -]{0,30}[A-Za-z0-9])?$/);

/** @see https://www.rfc-editor.org/rfc/rfc8628#section-3.2 */
const deviceAnswer = z.object({
  user_code: userCode,
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

/** A description of another kind says nothing, but the error counts. */
const oauthError = z.object({ error: z.string(), error_description: z.string().optional().catch(undefined) });

/**
 * MSAL's network for one sign-in with a device code. MSAL takes `slow_down` for the end, polls without a pause when the
 * tenant names none, gives up at the first broken connection and takes `500 {}` for tokens. So it gets one answer to its
 * first poll, the last: the polling is done here.
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 */
export function createDeviceNetwork(options: DeviceNetworkOptions): INetworkModule {
  const { http, tokenEndpoint, clock } = options;
  // As MSAL derives it; the metadata's own device_authorization_endpoint is not used.
  const deviceEndpoint = tokenEndpoint.replace('/token', '/devicecode');
  const codes = createMsalNetwork(http, deviceEndpoint, (answer) => deviceAnswer.safeParse(answer).success);
  const tokens = createMsalNetwork(http, tokenEndpoint);
  let given: { expiresAtMs: number; intervalMs: number } | undefined;
  return {
    sendGetRequestAsync: tokens.sendGetRequestAsync,
    async sendPostRequestAsync(url, request) {
      if (given) return await poll(options, given, () => tokens.sendPostRequestAsync(url, request));
      const { status, body } = await codes.sendPostRequestAsync(url, request);
      options.signal.throwIfAborted();
      throwRefusal(body);
      const answer = deviceAnswer.parse(body);
      given = { expiresAtMs: clock.now() + answer.expires_in * 1000, intervalMs: answer.interval * 1000 };
      return { status, headers: {}, body: Object(answer) };
    },
  };
}

/** Asks until there is an answer that ends the waiting. Failures on the way are no answer, and are asked again ever less often. */
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

/** MSAL would not look at the error of a device code's answer, and would lose the AADSTS code of a poll's. */
function throwRefusal(body: unknown): void {
  const refusal = oauthError.safeParse(body).data;
  if (refusal) throw new ServerError(refusal.error, '', refusal.error_description);
}
