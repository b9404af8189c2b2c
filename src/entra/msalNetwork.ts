import { AuthError, type INetworkModule } from '@azure/msal-node';
import { z } from 'zod';
import { type HttpClient, HttpClientError, type HttpResponse } from '../runtime/httpClient.ts';
import { parseJson } from '../runtime/parseJson.ts';

/**
 * The token endpoint gave no response that MSAL may see. An `AuthError`, because MSAL replaces every other error with one
 * that has lost its cause.
 */
export class TokenEndpointError extends AuthError {
  /** `unavailable`: try again later; `invalid`: the response is not one of OAuth. */
  readonly kind: 'unavailable' | 'invalid';
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: TokenEndpointError['kind'], message: string, retryAfterSeconds?: number) {
    super('token_endpoint_error', '', message);
    // AuthError's constructor sets its own prototype, so `instanceof` would not recognize this class.
    Object.setPrototypeOf(this, TokenEndpointError.prototype);
    this.name = 'TokenEndpointError';
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * MSAL's network module over our HTTP client. MSAL's own has no timeout, follows redirects with the client's secret in the
 * body, reads responses of any size and ignores their status.
 * @param endpoint the only URL that MSAL may call, usually the token endpoint; it gets the metadata from us
 * @param isSound whether a response with status 200 is what the endpoint promises; default: it has a Bearer token, and
 *   its tokens are strings
 */
export function createMsalNetwork(
  http: HttpClient,
  endpoint: string,
  isSound: (answer: Readonly<Record<string, unknown>>) => boolean = hasBearerToken,
): INetworkModule {
  return {
    async sendGetRequestAsync(url) {
      throw new TokenEndpointError(
        'invalid',
        `MSAL tried to read ${new URL(url).origin}; it may only post to ${endpoint}`,
      );
    },
    async sendPostRequestAsync(url, options) {
      const target = new URL(url);
      if (target.origin + target.pathname !== endpoint) {
        throw new TokenEndpointError(
          'invalid',
          `MSAL tried to post to ${target.origin}; it may only post to ${endpoint}`,
        );
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

/** MSAL checks neither the token's type nor that tokens are strings. */
const bearerAnswer = z.looseObject({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().optional(),
  id_token: z.string().optional(),
  refresh_token: z.string().optional(),
});

function hasBearerToken(answer: Readonly<Record<string, unknown>>): boolean {
  return bearerAnswer.safeParse(answer).success;
}

const jsonObject = z.record(z.string(), z.unknown());

function parseOAuthAnswer(
  { status, body, retryAfterSeconds }: HttpResponse,
  isSound: (answer: Readonly<Record<string, unknown>>) => boolean,
) {
  if (status === 429 || status >= 500) {
    throw new TokenEndpointError('unavailable', `the tenant answered ${status}`, retryAfterSeconds);
  }
  const answer = jsonObject.safeParse(parseJson(body)).data;
  if (!answer || !(status === 200 ? isSound(answer) : typeof answer.error === 'string')) {
    throw new TokenEndpointError('invalid', `the tenant answered ${status} without an OAuth response`);
  }
  return Object(answer);
}
