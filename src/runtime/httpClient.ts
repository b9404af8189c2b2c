import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import axios, { AxiosError } from 'axios';

/** No response came in time (`unreachable`), or it must not be used: a redirect, or too large (`unusable`). */
export class HttpClientError extends Error {
  override readonly name = 'HttpClientError';
  readonly kind: 'unreachable' | 'unusable';

  constructor(kind: HttpClientError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface HttpClient {
  /**
   * Sends a request. Resolves with the body as text for every status except a redirect.
   * @throws {HttpClientError} when no usable response came; the signal's reason when that aborted
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: the client's. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What `Retry-After` asks for, at most 300 s. Its date form is ignored: it would need two clocks to agree. */
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * Creates a client that keeps connections open, never follows a redirect (which could take a secret elsewhere; ASVS
 * 15.3.2), ignores the environment's proxy variables, and limits the time and size of each response.
 * @param limits.timeoutMs for a whole exchange
 */
export function createHttpClient(limits: { readonly timeoutMs: number; readonly maxBodyBytes: number }): HttpClient {
  // Node's 250 ms for each address of a name are too short for a distant or busy host.
  setDefaultAutoSelectFamilyAttemptTimeout(2_000);
  const agents = { keepAlive: true, scheduling: 'lifo', maxSockets: 50 } as const;
  const instance = axios.create({
    adapter: 'http',
    maxRedirects: 0,
    proxy: false,
    maxContentLength: limits.maxBodyBytes,
    responseType: 'text',
    transformResponse: (body: string) => body,
    validateStatus: () => true,
    httpAgent: new HttpAgent(agents),
    httpsAgent: new HttpsAgent(agents),
  });
  return {
    async request({ url, method, headers = {}, body: data, timeoutMs = limits.timeoutMs, signal: caller }) {
      const { origin } = new URL(url);
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = caller ? AbortSignal.any([timeout, caller]) : timeout;
      const response = await instance
        .request<string>({ url, method, headers, data, signal })
        .catch((error: unknown) => {
          caller?.throwIfAborted();
          throw translated(error, origin);
        });
      if (response.status >= 300 && response.status < 400) {
        throw new HttpClientError('unusable', `${origin} answered with a redirect, which is never followed`);
      }
      const headersByName = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
      );
      const retryAfterSeconds = parseRetryAfter(headersByName['retry-after']);
      return { status: response.status, headers: headersByName, body: response.data, retryAfterSeconds };
    },
  };
}

/** An axios error holds the whole request with its secrets, so only its message is kept. */
function translated(error: unknown, origin: string): HttpClientError {
  if (axios.isCancel(error)) return new HttpClientError('unreachable', `${origin}: took too long`);
  const message = error instanceof Error ? error.message : 'failed';
  const tooLarge = axios.isAxiosError(error) && error.code === AxiosError.ERR_BAD_RESPONSE;
  return new HttpClientError(tooLarge ? 'unusable' : 'unreachable', `${origin}: ${message}`);
}

/** Seconds of a `Retry-After` header, at most 300. */
export function parseRetryAfter(value = ''): number | undefined {
  return /^\d{1,5}$/.test(value) ? Math.min(Number(value), 300) : undefined;
}
