import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type HttpClient, HttpClientError, type HttpRequest, type HttpResponse } from '../runtime/httpClient.ts';

/** Graph refused, or gave no usable answer (`status` 0). */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  /** Graph's own code, such as `Request_ResourceNotFound`. */
  readonly code: string;
  /** What Microsoft's support asks for. */
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { status, code, requestId, retryAfterSeconds }: GraphFailure) {
    super(`${message}${requestId ? ` (request id ${requestId})` : ''}`);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

interface GraphFailure {
  readonly status: number;
  readonly code: string;
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

export interface GraphClientOptions {
  /** `https://graph.microsoft.com/v1.0`, or the local tenant's `{origin}/graph/v1.0`. */
  readonly baseUrl: string;
  /** The administrator's token; asked for each request, so that it may be renewed in between. */
  readonly accessToken: () => Promise<string>;
  readonly http: HttpClient;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Pauses between tries; after the last one the failure stands. */
export const retryPausesMs: readonly number[] = [1, 2, 4, 8, 16].map((seconds) => seconds * 1000);
const longestRetryAfterSeconds = 120;

const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const page = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() });

/**
 * Microsoft Graph with an administrator's token. What may be sent twice without harm is sent again while Graph is busy
 * or away; a POST only if Graph says that it did nothing (429).
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
   * @param path below the base, such as `/organization`
   * @throws {GraphError}
   */
  get(path: string): Promise<unknown> {
    return this.#send('GET', this.#baseUrl + path);
  }

  /** What is at the path, or undefined if there is nothing. @throws {GraphError} */
  async find(path: string): Promise<unknown> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof GraphError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Every entry of a collection, over all its pages. @throws {GraphError} */
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

  /** Succeeds as well if there is nothing any more. @throws {GraphError} */
  async delete(path: string): Promise<void> {
    try {
      await this.#send('DELETE', this.#baseUrl + path);
    } catch (error) {
      if (!(error instanceof GraphError && error.status === 404)) throw error;
    }
  }

  /** The token goes with every request, so that a page elsewhere is never asked for. */
  #own(link: string): string {
    if (URL.canParse(link) && new URL(link).origin === new URL(this.#baseUrl).origin) return link;
    throw new GraphError('Graph named a next page at another address, which is not followed', {
      status: 0,
      code: 'ForeignNextLink',
    });
  }

  async #send(method: HttpRequest['method'], url: string, body?: object, headers: object = {}): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.#sendOnce(method, url, body, headers);
      } catch (error) {
        const pauseMs = retryPausesMs[tries];
        if (pauseMs === undefined || !(error instanceof GraphError) || !mayRepeat(method, error)) throw error;
        const askedMs = Math.min(error.retryAfterSeconds ?? 0, longestRetryAfterSeconds) * 1000;
        await this.wait(Math.max(askedMs, pauseMs));
      }
    }
  }

  async #sendOnce(method: HttpRequest['method'], url: string, body: object | undefined, headers: object) {
    const response = await this.#answer({
      ...{ method, url, ...(body && { body: JSON.stringify(body) }) },
      headers: {
        authorization: `Bearer ${await this.#accessToken()}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    if (response.status >= 400) throw refusal(method, url, response);
    return response.body === '' ? undefined : json(response.body);
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#http.request(request);
    } catch (error) {
      if (!(error instanceof HttpClientError)) throw error;
      const code = error.kind === 'unreachable' ? 'Unreachable' : 'Unusable';
      throw new GraphError(`Graph gave no usable answer: ${error.message}`, { status: 0, code });
    }
  }
}

/** Reads an answer of Graph. @throws {GraphError} if it has another form */
export function checked<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new GraphError(`Graph answered in an unknown form: ${issue?.path.join('.')} ${issue?.message}`, {
    status: 0,
    code: 'UnknownForm',
  });
}

function mayRepeat(method: HttpRequest['method'], { status, code }: GraphError): boolean {
  if (status === 429) return true;
  return method !== 'POST' && (status >= 500 || code === 'Unreachable');
}

function refusal(method: string, url: string, { status, headers, body }: HttpResponse): GraphError {
  const result = errorBody.safeParse(json(body));
  const { code, message } = result.success ? result.data.error : { code: 'Unknown', message: 'no reason given' };
  const retryAfter = Number(headers['retry-after']);
  return new GraphError(`Graph refused ${method} ${new URL(url).pathname}: ${status} ${code}: ${message}`, {
    ...{ status, code, requestId: headers['request-id'] },
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
