import { z } from 'zod';
import { type Todo, todo } from './todo.ts';

/** The part of an HTTP client that is needed here; it must bound time and size (a full list is up to 2 MB). */
export interface TodoHttp {
  request(request: {
    readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }): Promise<TodoHttpResponse>;
}

interface TodoHttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Why the API did not do it: the access token is not taken (401) or lacks the permission (403), there is no such
 * to-do (404), the to-do is not acceptable (400, 409, 413), the customer asked too often (429), or no usable answer came.
 */
export type TodoApiReason = 'unauthorized' | 'forbidden' | 'notFound' | 'refused' | 'tooOften' | 'unavailable';

interface TodoApiErrorDetails extends ErrorOptions {
  readonly wwwAuthenticate?: string | undefined;
  readonly detail?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** The API did not do what was asked. */
export class TodoApiError extends Error {
  override readonly name = 'TodoApiError';
  readonly reason: TodoApiReason;
  /** Of `unauthorized` and `forbidden`: the header that says what is wrong with the access token. */
  readonly wwwAuthenticate: string | undefined;
  /** Of `refused`: what the API says to the customer. */
  readonly detail: string | undefined;
  /** Of `tooOften` and `unavailable`: when to try again, if the API says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(reason: TodoApiReason, message: string, details: TodoApiErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.reason = reason;
    this.wwwAuthenticate = details.wwwAuthenticate;
    this.detail = details.detail;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** The to-do API, called with a customer's access token. Every method throws {@link TodoApiError}. */
export class TodoClient {
  readonly #url: string;
  readonly #http: TodoHttp;

  /** @param options.baseUrl where the API is, without `/api/todolist` and without a trailing slash */
  constructor({ baseUrl, http }: { baseUrl: string; http: TodoHttp }) {
    this.#url = `${baseUrl}/api/todolist`;
    this.#http = http;
  }

  async list(accessToken: string): Promise<Todo[]> {
    return read(z.array(todo), await this.#send(accessToken, 'GET', ''));
  }

  async add(accessToken: string, description: string): Promise<Todo> {
    return read(todo, await this.#send(accessToken, 'POST', '', { description }));
  }

  async change(accessToken: string, id: number, description: string): Promise<void> {
    await this.#send(accessToken, 'PUT', `/${id}`, { description });
  }

  async remove(accessToken: string, id: number): Promise<void> {
    await this.#send(accessToken, 'DELETE', `/${id}`);
  }

  async #send(
    accessToken: string,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: { description: string },
  ): Promise<string> {
    const response = await this.#request({
      method,
      url: `${this.#url}${path}`,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${accessToken}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status >= 200 && response.status < 300) return response.body;
    throw errorOf(response);
  }

  async #request(request: Parameters<TodoHttp['request']>[0]): Promise<TodoHttpResponse> {
    try {
      return await this.#http.request(request);
    } catch (cause) {
      throw new TodoApiError('unavailable', 'The to-do API cannot be reached', { cause });
    }
  }
}

/** Nobody is told to wait longer than this, whatever the API says. */
const longestRetryAfterSeconds = 300;

const reasons: Readonly<Record<number, TodoApiReason>> = {
  400: 'refused',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  409: 'refused',
  413: 'refused',
  429: 'tooOften',
};

const problem = z.object({ detail: z.string().max(500) });

function errorOf({ status, headers, body }: TodoHttpResponse): TodoApiError {
  const reason = reasons[status] ?? 'unavailable';
  return new TodoApiError(reason, `The to-do API answered ${status}`, {
    wwwAuthenticate: headers['www-authenticate'],
    detail: reason === 'refused' ? problem.safeParse(parsed(body)).data?.detail : undefined,
    retryAfterSeconds: secondsOf(headers['retry-after']),
  });
}

function read<Value>(schema: z.ZodType<Value>, body: string): Value {
  const result = schema.safeParse(parsed(body));
  if (result.success) return result.data;
  // The schema's own error would repeat what the API sent.
  throw new TodoApiError('unavailable', 'The to-do API answered something that is no to-do');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Only the form in seconds is read; the date form would need the API's clock to agree with ours. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  return /^\d{1,5}$/.test(retryAfter ?? '') ? Math.min(Number(retryAfter), longestRetryAfterSeconds) : undefined;
}
