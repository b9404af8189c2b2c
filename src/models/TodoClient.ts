import { z } from 'zod';
import type { HttpClient, HttpRequest, HttpResponse } from '../runtime/httpClient.ts';
import { parseJson } from '../runtime/parseJson.ts';
import { maxTodosPerOwner, type Todo, todo } from './todo.ts';
import { pageOf, type TodoPage, type TodoPageRequest } from './todoPage.ts';

/**
 * Why the API failed: it refuses the access token (401), the token lacks the permission (403), the to-do does not exist
 * (404) or is not acceptable (400, 409, 413), the customer asked too often (429), or no usable answer came.
 */
export type TodoApiReason = 'unauthorized' | 'forbidden' | 'notFound' | 'refused' | 'tooOften' | 'unavailable';

const statuses = { unauthorized: 401, forbidden: 403, notFound: 404, refused: 400, tooOften: 429, unavailable: 503 };

/** A failed call of the to-do API. */
export class TodoApiError extends Error {
  override readonly name = 'TodoApiError';
  readonly reason: TodoApiReason;
  /** Of a page that shows the error. */
  readonly status: number;
  /** Of `unauthorized` and `forbidden`: the header that says what is wrong with the access token. */
  readonly wwwAuthenticate: string | undefined;
  /** Of `refused`: the API's message for the customer. */
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: TodoApiReason,
    message: string,
    details: ErrorOptions & Partial<Pick<TodoApiError, 'wwwAuthenticate' | 'detail' | 'retryAfterSeconds'>> = {},
  ) {
    super(message, details);
    this.reason = reason;
    this.status = statuses[reason];
    this.wwwAuthenticate = details.wwwAuthenticate;
    this.detail = details.detail;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** A page of a list that begins with the newest to-do. */
export interface ListRequest extends Pick<TodoPageRequest, 'limit'> {
  readonly after?: number | undefined;
  readonly signal?: AbortSignal;
}

/** The to-do API, called with a customer's access token. Every method throws {@link TodoApiError}. */
export class TodoClient {
  readonly #url: string;
  readonly #http: HttpClient;

  /**
   * @param options.baseUrl the API's, without `/api/todolist` and without a trailing slash
   * @param options.http must accept a full list, up to 2 MB
   */
  constructor({ baseUrl, http }: { baseUrl: string; http: HttpClient }) {
    this.#url = `${baseUrl}/api/todolist`;
    this.#http = http;
  }

  /** Reads a page of the customer's list, newest first. Throws the signal's reason when that aborts. */
  async list(accessToken: string, { limit, after, signal }: ListRequest): Promise<TodoPage> {
    // One more than the page holds shows whether another page follows.
    const query = new URLSearchParams({ limit: `${limit + 1}`, order: 'newest' });
    if (after !== undefined) query.set('after', `${after}`);
    const todos = read(todoList, await this.#send(accessToken, 'GET', `?${query}`, { signal }));
    // An API without pages, such as Microsoft's, answers with the whole list.
    return pageOf(todos, { limit, after, order: 'newest' });
  }

  async add(accessToken: string, description: string): Promise<Todo> {
    return read(todo, await this.#send(accessToken, 'POST', '', { body: { description } }));
  }

  async change(accessToken: string, id: number, description: string): Promise<void> {
    await this.#send(accessToken, 'PUT', `/${id}`, { body: { description } });
  }

  async remove(accessToken: string, id: number): Promise<void> {
    await this.#send(accessToken, 'DELETE', `/${id}`);
  }

  async #send(
    accessToken: string,
    method: HttpRequest['method'],
    path: string,
    { body, signal }: { body?: { description: string }; signal?: AbortSignal | undefined } = {},
  ): Promise<string> {
    const request = {
      method,
      url: `${this.#url}${path}`,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${accessToken}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    const response = await this.#http.request(request).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw new TodoApiError('unavailable', 'The to-do API cannot be reached', { cause });
    });
    if (response.status >= 200 && response.status < 300) return response.body;
    throw errorOf(response);
  }
}

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

function errorOf({ status, headers, body, retryAfterSeconds }: HttpResponse): TodoApiError {
  const reason = reasons[status] ?? 'unavailable';
  return new TodoApiError(reason, `The to-do API answered ${status}`, {
    wwwAuthenticate: headers['www-authenticate'],
    detail: reason === 'refused' ? problem.safeParse(parseJson(body)).data?.detail : undefined,
    retryAfterSeconds,
  });
}

/** An answer with more than a list can hold is not used. */
const todoList = z.array(todo).max(maxTodosPerOwner);

function read<Value>(schema: z.ZodType<Value>, body: string): Value {
  const result = schema.safeParse(parseJson(body));
  if (result.success) return result.data;
  // The schema's own error would repeat the response.
  throw new TodoApiError('unavailable', 'The to-do API answered with something other than to-dos');
}
