import { AuthError, type INetworkModule } from '@azure/msal-node';
import { z } from 'zod';
import { type HttpClient, HttpClientError, type HttpResponse } from '../runtime/httpClient.ts';
import { parseJson } from '../runtime/parseJson.ts';
import { aadstsIn } from './aadsts.ts';

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

/** MSAL checks neither the token's type nor that tokens are strings. */
const bearerAnswer = z.looseObject({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().optional(),
  id_token: z.string().optional(),
  refresh_token: z.string().optional(),
});

/**
 * MSAL's network module over our HTTP client. MSAL's own has no timeout, follows redirects with the client's secret in the
 * body, reads responses of any size and ignores their status.
 * @param endpoint the only URL that MSAL may call, usually the token endpoint; it gets the metadata from us
 * @param soundAnswer what the endpoint promises with status 200; default: a Bearer token
 */
export function createMsalNetwork(
  http: HttpClient,
  endpoint: string,
  soundAnswer: z.ZodType = bearerAnswer,
): INetworkModule {
  const refusal = (attempt: string, url: string) => {
    const message = `MSAL tried to ${attempt} ${new URL(url).origin}; it may only post to ${endpoint}`;
    return new TokenEndpointError('invalid', message);
  };
  return {
    async sendGetRequestAsync(url) {
      throw refusal('read', url);
    },
    async sendPostRequestAsync(url, { headers = {}, body = '' } = {}) {
      const target = new URL(url);
      if (target.origin + target.pathname !== endpoint) throw refusal('post to', url);
      const response = await http.request({ method: 'POST', url, headers, body }).catch((error: unknown) => {
        if (!(error instanceof HttpClientError)) throw error;
        throw new TokenEndpointError(error.kind === 'unusable' ? 'invalid' : 'unavailable', error.message);
      });
      return {
        status: response.status,
        headers: { ...response.headers },
        body: parseOAuthAnswer(response, soundAnswer),
      };
    },
  };
}

const jsonObject = z.record(z.string(), z.unknown());

function parseOAuthAnswer({ status, body, retryAfterSeconds }: HttpResponse, soundAnswer: z.ZodType) {
  if (status === 429 || status >= 500) {
    const summary = [status, aadstsIn(body)].filter(Boolean).join(' ');
    throw new TokenEndpointError('unavailable', `the tenant answered ${summary}`, retryAfterSeconds);
  }
  const answer = jsonObject.safeParse(parseJson(body)).data;
  if (!answer || !(status === 200 ? soundAnswer.safeParse(answer).success : typeof answer.error === 'string')) {
    throw new TokenEndpointError('invalid', `the tenant answered ${status} without an OAuth response`);
  }
  return Object(answer);
}
