import { AuthError, type INetworkModule } from '@azure/msal-node';
import { z } from 'zod';
import type { HttpClient, HttpResponse } from '../runtime/httpClient.ts';
import { HttpClientError } from '../runtime/httpClient.ts';

/**
 * The token endpoint gave no answer that MSAL may see. An `AuthError`, because MSAL replaces every other
 * error by one that has lost its cause.
 */
export class TokenEndpointError extends AuthError {
  /** `unavailable`: try again later; `invalid`: it answered with something that is no OAuth answer. */
  readonly kind: 'unavailable' | 'invalid';
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: TokenEndpointError['kind'], message: string, retryAfterSeconds?: number) {
    super('token_endpoint_error', '', message);
    // AuthError makes every error one of its own class, so that `instanceof` would not know this one.
    Object.setPrototypeOf(this, TokenEndpointError.prototype);
    this.name = 'TokenEndpointError';
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Nobody is told to wait longer than this, whatever the tenant says. */
const longestRetryAfterSeconds = 300;

/**
 * MSAL's network module over our HTTP client. MSAL's own has no timeout, follows redirects with the
 * client's secret in the body, reads answers of any size and ignores their status.
 * @param endpoint the only URL that MSAL may call, as a rule the token endpoint; metadata is handed to it, so it has no
 *   reason for another
 * @param isSound whether an answer of status 200 is what the endpoint promises; default: it has a Bearer token, and its tokens are texts
 */
export function createMsalNetwork(
  http: HttpClient,
  endpoint: string,
  isSound: (answer: Readonly<Record<string, unknown>>) => boolean = hasBearerToken,
): INetworkModule {
  return {
    async sendGetRequestAsync(url) {
      throw new TokenEndpointError('invalid', `MSAL wanted to read ${new URL(url).origin}, which it has no reason to`);
    },
    async sendPostRequestAsync(url, options) {
      const target = new URL(url);
      if (target.origin + target.pathname !== endpoint) {
        throw new TokenEndpointError('invalid', `MSAL wanted to post to ${target.origin}, which is not ${endpoint}`);
      }
      const response = await post(http, url, options);
      return { status: response.status, headers: { ...response.headers }, body: parseOAuthAnswer(response, isSound) };
    },
  };
}

async function post(
  http: HttpClient,
  url: string,
  options: { headers?: Record<string, string>; body?: string } = {},
): Promise<HttpResponse> {
  try {
    return await http.request({ method: 'POST', url, headers: options.headers ?? {}, body: options.body ?? '' });
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    throw new TokenEndpointError(error.kind === 'unusable' ? 'invalid' : 'unavailable', error.message);
  }
}

/** MSAL looks at neither the type of the token nor whether the tokens are texts. */
const bearerAnswer = z.looseObject({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().optional(),
  id_token: z.string().optional(),
  refresh_token: z.string().optional(),
});

function hasBearerToken(answer: Readonly<Record<string, unknown>>): boolean {
  return bearerAnswer.safeParse(answer).success;
}

function parseOAuthAnswer(
  { status, headers, body }: HttpResponse,
  isSound: (answer: Readonly<Record<string, unknown>>) => boolean,
) {
  if (status === 429 || status >= 500) {
    const retryAfter = /^\d{1,4}$/.test(headers['retry-after'] ?? '')
      ? Math.min(Number(headers['retry-after']), longestRetryAfterSeconds)
      : undefined;
    throw new TokenEndpointError('unavailable', `the tenant answered ${status}`, retryAfter);
  }
  const answer = parseObject(body);
  if (!answer || !(status === 200 ? isSound(answer) : typeof answer.error === 'string')) {
    throw new TokenEndpointError('invalid', `the tenant answered ${status} with no OAuth answer`);
  }
  return answer;
}

function parseObject(json: string) {
  try {
    const value = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
