import type { Request, RequestHandler, Response } from 'express';
import { TodoApiError, type TodoClient } from '../../models/TodoClient.ts';
import { parseTodoId, type Todo, todoDescription } from '../../models/todo.ts';
import type { AccessTokens } from '../auth/AccessTokens.ts';
import { SignInRequired } from '../auth/errors.ts';
import { type RefusedTodo, renderPage } from '../pages.ts';

export interface TodoControllerOptions {
  readonly accessTokens: Pick<AccessTokens, 'get'>;
  readonly todos: Pick<TodoClient, 'list' | 'add' | 'change' | 'remove'>;
}

/** The customer's to-do list, which the API keeps. */
export class TodoController {
  readonly #options: TodoControllerOptions;

  constructor(options: TodoControllerOptions) {
    this.#options = options;
  }

  readonly list: RequestHandler = async (request, response) => {
    renderPage(response, 'todos', { todos: await this.#list(request) });
  };

  readonly add: RequestHandler = async (request, response) => {
    await this.#submit(request, response, undefined, (token, description) =>
      this.#options.todos.add(token, description),
    );
  };

  readonly change: RequestHandler = async (request, response, next) => {
    const id = parseTodoId(String(request.params.id));
    if (id === undefined) return next('route');
    await this.#submit(request, response, id, (token, description) =>
      this.#options.todos.change(token, id, description),
    );
  };

  readonly remove: RequestHandler = async (request, response, next) => {
    const id = parseTodoId(String(request.params.id));
    if (id === undefined) return next('route');
    await this.#call(request, (token) => this.#options.todos.remove(token, id));
    response.redirect(303, '/todos');
  };

  /** Sends a form's text to the API; whatever hinders that, the page comes back with the text and the reason. */
  async #submit(
    request: Request,
    response: Response,
    id: number | undefined,
    send: (accessToken: string, description: string) => Promise<unknown>,
  ): Promise<void> {
    const text = typeof request.body?.description === 'string' ? request.body.description : '';
    const description = todoDescription.safeParse(text);
    const refuse = (status: number, error: string, todos: readonly Todo[] | undefined) => {
      const draft: RefusedTodo = { ...(id !== undefined && { id }), description: text, error };
      renderPage(response.status(status), 'todos', { todos, draft });
    };
    if (!description.success) {
      const [issue] = description.error.issues;
      return refuse(400, issue?.message ?? 'Write what there is to do.', await this.#listIfPossible(request));
    }
    try {
      await this.#call(request, (token) => send(token, description.data));
    } catch (error) {
      if (!(error instanceof TodoApiError) || error.reason === 'forbidden') throw error;
      // An API that does not answer is not asked for the list on top.
      const isAway = error.reason === 'unavailable';
      const mayTryAgain = isAway || error.reason === 'tooOften';
      if (mayTryAgain) response.setHeader('Retry-After', String(error.retryAfterSeconds ?? 5));
      const todos = isAway ? undefined : await this.#listIfPossible(request);
      return refuse(statusOf[error.reason], messageOf(error), todos);
    }
    response.redirect(303, '/todos');
  }

  #list(request: Request): Promise<Todo[]> {
    return this.#call(request, (token) => this.#options.todos.list(token));
  }

  async #listIfPossible(request: Request): Promise<Todo[] | undefined> {
    try {
      return await this.#list(request);
    } catch (error) {
      if (error instanceof TodoApiError) return undefined;
      throw error;
    }
  }

  /** Calls the API; a token that it refuses is renewed once, and a second refusal is for the customer to sign in again. */
  async #call<Result>(request: Request, call: (accessToken: string) => Promise<Result>): Promise<Result> {
    const { accessTokens } = this.#options;
    const token = await accessTokens.get(request.sessionID);
    try {
      return await call(token);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
    }
    try {
      return await call(await accessTokens.get(request.sessionID, token));
    } catch (error) {
      throw isUnauthorized(error) ? new SignInRequired({ cause: error }) : error;
    }
  }
}

const statusOf = { unauthorized: 401, notFound: 404, refused: 400, tooOften: 429, unavailable: 503 } as const;

function messageOf(error: TodoApiError): string {
  switch (error.reason) {
    case 'notFound':
      return 'This to-do is not there any more. Add your text as a new one, if you still need it.';
    case 'refused':
      return error.detail ?? 'The list did not accept it.';
    case 'tooOften':
      return 'You made very many changes in a short time, so this one was not saved. Wait a minute, then send it again.';
    default:
      return 'The list could not be reached, so we cannot tell whether this was saved. Look at the list before you try again.';
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof TodoApiError && error.reason === 'unauthorized';
}
