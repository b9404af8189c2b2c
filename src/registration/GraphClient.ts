import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type HttpClient, HttpClientError, type HttpRequest, type HttpResponse } from '../runtime/httpClient.ts';
import { parseJson } from '../runtime/parseJson.ts';

/** Graph refused a request, or gave no usable answer (`status` 0). */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  /** Graph's error code, such as `Request_ResourceNotFound`. */
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, status: number, code: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface GraphClientOptions {
  /** `https://graph.microsoft.com/v1.0`, or the local tenant's `{origin}/graph/v1.0`. */
  readonly baseUrl: string;
  /** The administrator's token, requested before every request. */
  readonly accessToken: () => Promise<string>;
  readonly http: HttpClient;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** The pauses between attempts. After the last one, the error is final. */
export const retryPausesMs: readonly number[] = [1000, 2000, 4000, 8000, 16_000];

const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const page = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() });

/**
 * Calls Microsoft Graph with an administrator's token. Repeats requests while Graph is busy or unavailable; a POST only
 * if Graph says that it did nothing (429).
 */
export class GraphClient {
  readonly #baseUrl: string;
  readonly #accessToken: () => Promise<string>;
  readonly #http: HttpClient;
  readonly wait: (ms: number) => Promise<unknown>;

  constructor({ baseUrl, accessToken, http, wait = (ms) => delay(ms) }: GraphClientOptions) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
    this.#accessToken = accessToken;
    this.#http = http;
    this.wait = wait;
  }

  /**
   * @param path below the base URL, such as `/organization`
   * @throws {GraphError}
   */
  get(path: string): Promise<unknown> {
    return this.#send('GET', this.#baseUrl + path);
  }

  /** Like {@link get}, but undefined for 404. @throws {GraphError} */
  async find(path: string): Promise<unknown> {
    return await this.get(path).catch(undefinedIfMissing);
  }

  /** Every entry of a collection, from all its pages. @throws {GraphError} */
  async list(path: string): Promise<unknown[]> {
    const entries: unknown[] = [];
    let url: string | undefined = this.#baseUrl + path;
    while (url) {
      const answer: z.output<typeof page> = checked(page, await this.#send('GET', url));
      const next = answer['@odata.nextLink'];
      entries.push(...answer.value);
      url = next === undefined ? undefined : this.#own(next);
    }
    return entries;
  }

  /** @throws {GraphError} */
  post(path: string, body?: object): Promise<unknown> {
    return this.#send('POST', this.#baseUrl + path, body);
  }

  /**
   * @param options `createIfMissing` for `applications(uniqueName='…')`
   * @throws {GraphError}
   * @see https://learn.microsoft.com/graph/api/application-upsert
   */
  patch(path: string, body: object, { createIfMissing }: { createIfMissing?: true } = {}): Promise<unknown> {
    return this.#send('PATCH', this.#baseUrl + path, body, createIfMissing && { prefer: 'create-if-missing' });
  }

  /** Succeeds even if the object is gone already. @throws {GraphError} */
  async delete(path: string): Promise<void> {
    await this.#send('DELETE', this.#baseUrl + path).catch(undefinedIfMissing);
  }

  /** The token goes with every request, so a page on another origin is never requested. */
  #own(link: string): string {
    if (URL.canParse(link) && new URL(link).origin === new URL(this.#baseUrl).origin) return link;
    throw new GraphError('Graph names a next page on another origin, which is not followed', 0, 'ForeignNextLink');
  }

  async #send(method: HttpRequest['method'], url: string, body?: object, headers: object = {}): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#sendOnce(method, url, body, headers);
      } catch (error) {
        const pauseMs = retryPausesMs[tries];
        if (pauseMs === undefined || !(error instanceof GraphError) || !mayRepeat(method, error)) throw error;
        await this.wait(Math.max((error.retryAfterSeconds ?? 0) * 1000, pauseMs));
      }
    }
  }

  async #sendOnce(method: HttpRequest['method'], url: string, body: object | undefined, headers: object) {
    const response = await this.#answer({
      method,
      url,
      headers: {
        authorization: `Bearer ${await this.#accessToken()}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status >= 400) throw refusal(method, url, response);
    return parseJson(response.body);
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#http.request(request);
    } catch (error) {
      if (!(error instanceof HttpClientError)) throw error;
      const code = error.kind === 'unreachable' ? 'Unreachable' : 'Unusable';
      throw new GraphError(`Graph gave no usable answer: ${error.message}`, 0, code);
    }
  }
}

/** Validates an answer of Graph. @throws {GraphError} if it has another form */
export function checked<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const problem = `${issue?.path.join('.')} ${issue?.message}`;
  throw new GraphError(`Graph answered in an unknown form: ${problem}`, 0, 'UnknownForm');
}

function mayRepeat(method: HttpRequest['method'], { status, code }: GraphError): boolean {
  if (status === 429) return true;
  return method !== 'POST' && (status >= 500 || code === 'Unreachable');
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof GraphError && error.status === 404) return undefined;
  throw error;
}

function refusal(method: string, url: string, { status, headers, body, retryAfterSeconds }: HttpResponse): GraphError {
  const result = errorBody.safeParse(parseJson(body));
  const { code, message } = result.success ? result.data.error : { code: 'Unknown', message: 'no reason given' };
  // Microsoft's support asks for the request id.
  const requestId = headers['request-id'];
  const reason = `${status} ${code}: ${message}${requestId ? ` (request id ${requestId})` : ''}`;
  const text = `Graph refused ${method} ${new URL(url).pathname}: ${reason}`;
  return new GraphError(text, status, code, retryAfterSeconds);
}
