import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { maxTodosPerOwner, parseTodoId, type Todo, todoDescription, todoId } from '../models/todo.ts';
import { pageOf, type TodoPage, type TodoPageRequest } from '../models/todoPage.ts';
import { Problem } from './errors.ts';
import { type Caller, callerOf } from './permissions.ts';
import type { TodoStore } from './TodoStore.ts';

/** Clients that send a whole to-do back may repeat `id` and `owner`, but not change them. */
const todoBody = z.strictObject({
  description: todoDescription,
  id: todoId.optional(),
  owner: z.guid().toLowerCase().optional(),
});

/**
 * Without parameters, a page has as many to-dos as a customer can have: clients that know no pages get the whole list.
 * Unknown parameters are ignored.
 */
const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(maxTodosPerOwner).default(maxTodosPerOwner),
  after: z.coerce.number().pipe(todoId).optional(),
  order: z.enum(['oldest', 'newest']).default('oldest'),
});

/** The handlers of `/api/todolist`, for callers that hold the permission. */
export function todoController(store: TodoStore) {
  const list: RequestHandler = async (request, response) => {
    const asked = readQuery(request);
    const { todos, next } = await readPage(store, callerOf(response), asked);
    if (next !== undefined) {
      const query = new URLSearchParams({ limit: `${asked.limit}`, after: `${next}`, order: asked.order });
      response.links({ next: `/api/todolist?${query}` });
    }
    response.json(todos);
  };

  const show: RequestHandler = async (request, response) => {
    const { id, owner } = await address(store, callerOf(response), request);
    response.json(found(await store.find(owner, id)));
  };

  const create: RequestHandler = async (request, response) => {
    const body = readBody(request);
    const caller = callerOf(response);
    if (caller.kind !== 'customer') throw new Error('Only a customer passes the permission to create');
    refuseOther(body, { id: undefined, owner: caller.oid });
    const todo = await store.add(caller.oid, body.description);
    response.status(201).location(`/api/todolist/${todo.id}`).json(todo);
  };

  const change: RequestHandler = async (request, response) => {
    const body = readBody(request);
    const { id, owner } = await address(store, callerOf(response), request);
    refuseOther(body, { id, owner });
    response.json(found(await store.change(owner, id, body.description)));
  };

  const remove: RequestHandler = async (request, response) => {
    const { id, owner } = await address(store, callerOf(response), request);
    if (!(await store.remove(owner, id))) throw notFound();
    response.status(204).end();
  };

  return { list, show, create, change, remove };
}

function readQuery({ query }: Request): TodoPageRequest {
  const result = listQuery.safeParse(query);
  if (result.success) return { after: undefined, ...result.data };
  const detail = `Use limit (1 to ${maxTodosPerOwner}), after (the id of a to-do) and order (oldest or newest), each once.`;
  throw new Problem(400, detail);
}

async function readPage(store: TodoStore, caller: Caller, asked: TodoPageRequest): Promise<TodoPage> {
  if (caller.kind === 'customer') return pageOf(await store.list(caller.oid), asked);
  if (asked.order === 'oldest') return await store.listAll(asked.after ?? 0, asked.limit);
  throw new Problem(400, 'For applications, the only order is oldest.');
}

/** Searches a customer's own to-dos only, so that another's looks like a missing one. */
async function address(store: TodoStore, caller: Caller, { params }: Request): Promise<{ id: number; owner: string }> {
  const id = parseTodoId(String(params.id));
  if (id === undefined) throw notFound();
  const owner = caller.kind === 'customer' ? caller.oid : await store.ownerOf(id);
  if (owner === undefined) throw notFound();
  return { id, owner };
}

function readBody({ body }: Request): z.output<typeof todoBody> {
  const result = todoBody.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const isAboutText = issue?.path[0] === 'description' && issue.code !== 'invalid_type';
  throw new Problem(400, isAboutText ? issue.message : 'Send a JSON object with the text as "description".');
}

function refuseOther(body: z.output<typeof todoBody>, { id, owner }: { id: number | undefined; owner: string }): void {
  if (body.id !== undefined && body.id !== id) throw new Problem(400, 'The id of a to-do cannot be chosen or changed.');
  if (body.owner !== undefined && body.owner !== owner)
    throw new Problem(400, 'The owner of a to-do cannot be changed.');
}

function found(todo: Todo | undefined): Todo {
  if (todo) return todo;
  throw notFound();
}

function notFound(): Problem {
  return new Problem(404, 'There is no such to-do.');
}
