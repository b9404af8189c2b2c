import type { Request, RequestHandler, Response } from 'express';
import { TodoApiError, type TodoClient } from '../../models/TodoClient.ts';
import { parseTodoId, todoDescription } from '../../models/todo.ts';
import type { TodoPage } from '../../models/todoPage.ts';
import { withRenewedToken } from '../../models/withRenewedToken.ts';
import { clientSignal } from '../../runtime/clientSignal.ts';
import type { AccessTokenSource } from '../auth/AccessTokenSource.ts';
import { SignInRequired } from '../auth/errors.ts';
import { renderPage } from '../pages.ts';
import { type RefusedTodo, todosHref, todosPage } from '../todosPage.ts';

/** A page of a list of the longest texts has half a megabyte. */
const todosPerPage = 50;

export interface TodoDependencies {
  readonly accessTokens: Pick<AccessTokenSource, 'get'>;
  readonly todos: Pick<TodoClient, 'list' | 'add' | 'change' | 'remove'>;
}

/** The customer's to-do list, which the API keeps. */
export function todoController({ accessTokens, todos }: TodoDependencies) {
  const list: RequestHandler = async (request, response) => {
    const list = await listOf(request, response);
    renderPage(response, 'todos', todosPage(list, afterOf(request)));
  };

  const add: RequestHandler = async (request, response) => {
    await submit(request, response, undefined, (token, description) => todos.add(token, description));
  };

  const change: RequestHandler = async (request, response, next) => {
    const id = parseTodoId(String(request.params.id));
    if (id === undefined) return next('route');
    await submit(request, response, id, (token, description) => todos.change(token, id, description));
  };

  const remove: RequestHandler = async (request, response, next) => {
    const id = parseTodoId(String(request.params.id));
    if (id === undefined) return next('route');
    await callApi(request, (token) => todos.remove(token, id));
    response.redirect(303, todosHref(afterOf(request)));
  };

  /** Sends a form's text to the API. If that fails, the page comes back with the text and the reason. */
  async function submit(
    request: Request,
    response: Response,
    id: number | undefined,
    send: (accessToken: string, description: string) => Promise<unknown>,
  ): Promise<void> {
    const text = typeof request.body?.description === 'string' ? request.body.description : '';
    const showAgain = (status: number, error: string, list: TodoPage | undefined) => {
      const draft: RefusedTodo = { ...(id !== undefined && { id }), description: text, error };
      renderPage(response.status(status), 'todos', todosPage(list, afterOf(request), draft));
    };
    const description = todoDescription.safeParse(text);
    if (!description.success) {
      const [issue] = description.error.issues;
      return showAgain(400, issue?.message ?? 'Write what there is to do.', await listIfPossible(request, response));
    }
    try {
      await callApi(request, (token) => send(token, description.data));
    } catch (error) {
      if (!(error instanceof TodoApiError) || error.reason === 'forbidden') throw error;
      // An API that does not answer is not asked for the list as well.
      const isUnavailable = error.reason === 'unavailable';
      if (isUnavailable || error.reason === 'tooOften') {
        response.setHeader('Retry-After', String(error.retryAfterSeconds ?? 5));
      }
      const list = isUnavailable ? undefined : await listIfPossible(request, response);
      return showAgain(error.status, messageOf(error), list);
    }
    response.redirect(303, todosHref(afterOf(request)));
  }

  function listOf(request: Request, response: Response): Promise<TodoPage> {
    const page = { limit: todosPerPage, after: afterOf(request), signal: clientSignal(response) };
    return callApi(request, (token) => todos.list(token, page));
  }

  async function listIfPossible(request: Request, response: Response): Promise<TodoPage | undefined> {
    try {
      return await listOf(request, response);
    } catch (error) {
      if (error instanceof TodoApiError) return undefined;
      throw error;
    }
  }

  /** Calls the API with the customer's access token. */
  async function callApi<Result>(request: Request, call: (accessToken: string) => Promise<Result>): Promise<Result> {
    try {
      return await withRenewedToken((refused) => accessTokens.get(request.sessionID, refused), call);
    } catch (error) {
      const needsSignIn = error instanceof TodoApiError && error.reason === 'unauthorized';
      throw needsSignIn ? new SignInRequired({ cause: error }) : error;
    }
  }

  return { list, add, change, remove };
}

/** The id that the page begins after. Anything else in its place leads to the first page. */
function afterOf({ query }: Request): number | undefined {
  return parseTodoId(String(query.after));
}

function messageOf(error: TodoApiError): string {
  switch (error.reason) {
    case 'notFound':
      return 'This to-do no longer exists. If you still need your text, add it as a new one.';
    case 'refused':
      return error.detail ?? 'The list did not accept this text.';
    case 'tooOften':
      return 'Too many changes in a short time, so this one was not saved. Wait a minute, then send it again.';
    default:
      return 'The list is unavailable, so we cannot tell whether this was saved. Look at the list before you try again.';
  }
}
