import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';

export interface HttpClientLimits {
  /** The longest that a whole exchange may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The largest answer that is read, in bytes. */
  readonly maxBodyBytes: number;
}

/** No answer came in time (`unreachable`), or one that must not be used: a redirect, or too large (`unusable`). */
export class HttpClientError extends Error {
  override readonly name = 'HttpClientError';
  readonly kind: 'unreachable' | 'unusable';

  constructor(kind: HttpClientError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** An outbound HTTP client; see {@link createHttpClient}. */
export interface HttpClient {
  /**
   * Sends a request; every status but a redirect resolves, with the body as text.
   * @throws {HttpClientError} when no usable answer came.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What `Retry-After` asks for, at most 300 s. Its date form is ignored: it would need two clocks to agree. */
  readonly retryAfterSeconds?: number | undefined;
}

const longestRetryAfterSeconds = 300;

/**
 * Creates a client that keeps connections, never follows a redirect (it could carry a secret elsewhere;
 * ASVS 15.3.2), ignores proxy variables of the environment, and bounds the time and size of each answer.
 */
export function createHttpClient({ timeoutMs, maxBodyBytes }: HttpClientLimits): HttpClient {
  const agents = { keepAlive: true, scheduling: 'lifo', maxSockets: 50 } as const;
  const instance: AxiosInstance = axios.create({
    adapter: 'http',
    maxRedirects: 0,
    proxy: false,
    maxContentLength: maxBodyBytes,
    responseType: 'text',
    transformResponse: (body: string) => body,
    validateStatus: () => true,
    httpAgent: new HttpAgent(agents),
    httpsAgent: new HttpsAgent(agents),
  });
  return {
    async request({ url, method, headers = {}, body }) {
      const response = await send(instance, {
        url,
        method,
        headers,
        data: body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status >= 300 && response.status < 400) {
        throw new HttpClientError(
          'unusable',
          `${new URL(url).origin} answered with a redirect, which is never followed`,
        );
      }
      const headersByName = flat(response.headers);
      const retryAfterSeconds = parseRetryAfter(headersByName['retry-after']);
      return { status: response.status, headers: headersByName, body: response.data, retryAfterSeconds };
    },
  };
}

async function send(instance: AxiosInstance, config: AxiosRequestConfig): Promise<AxiosResponse<string>> {
  try {
    return await instance.request<string>(config);
  } catch (error) {
    throw translated(error, new URL(config.url ?? '').origin);
  }
}

/** An axios error holds the whole request, secrets included, so that only its message travels on, and never as the cause. */
function translated(error: unknown, origin: string): HttpClientError {
  if (axios.isCancel(error)) return new HttpClientError('unreachable', `${origin}: took too long`);
  const message = error instanceof Error ? error.message : 'failed';
  const tooLarge = axios.isAxiosError(error) && error.code === AxiosError.ERR_BAD_RESPONSE;
  return new HttpClientError(tooLarge ? 'unusable' : 'unreachable', `${origin}: ${message}`);
}

function flat(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function parseRetryAfter(value = ''): number | undefined {
  return /^\d{1,5}$/.test(value) ? Math.min(Number(value), longestRetryAfterSeconds) : undefined;
}
