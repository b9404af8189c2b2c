import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TodoApiError, TodoClient } from '../../src/models/TodoClient.ts';
import type { TodoPage } from '../../src/models/todoPage.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';

interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

const owner = '11111111-2222-4333-8444-555555555555';
const milk = { id: 1, owner, description: 'Buy milk' };
let server: Server;
let baseUrl: string;
let client: TodoClient;
let seen: Seen[];
let reply: Reply;

beforeEach(async () => {
  seen = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url: path } = request;
    seen.push({ method, path, authorization: request.headers.authorization, body });
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  client = new TodoClient({ baseUrl, http: createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 10_000 }) });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function failure(call: () => Promise<unknown>): Promise<TodoApiError> {
  const error = await call().catch((thrown: unknown) => thrown);
  if (error instanceof TodoApiError) return error;
  throw new Error('no TodoApiError was thrown');
}

const list = () => client.list('token-1', { limit: 2 });

describe('TodoClient', () => {
  it('asks with the access token and reads the list', async () => {
    reply = { status: 200, body: JSON.stringify([milk]) };
    expect(await list()).toEqual({ todos: [milk], next: undefined });
    const path = '/api/todolist?limit=3&order=newest';
    expect(seen).toEqual([{ method: 'GET', path, authorization: 'Bearer token-1', body: '' }]);
  });

  const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ ...milk, id: index + 1 }));
  const idsOf = ({ todos, next }: TodoPage) => [todos.map(({ id }) => id), next];

  it('reads pages, newest first, also from an API that always answers with the whole list', async () => {
    reply = { status: 200, body: JSON.stringify(numbered(5)) };
    expect(idsOf(await list())).toEqual([[5, 4], 4]);
    expect(idsOf(await client.list('token-1', { limit: 2, after: 4 }))).toEqual([[3, 2], 2]);
    expect(idsOf(await client.list('token-1', { limit: 2, after: 2 }))).toEqual([[1], undefined]);
    expect(seen[1]).toMatchObject({ path: '/api/todolist?limit=3&order=newest&after=4' });
  });

  it.each([
    ['1001 to-dos', JSON.stringify(numbered(1_001))],
    ['a text of 501 characters', JSON.stringify([{ ...milk, description: 'x'.repeat(501) }])],
  ])('does not use an answer with more than a list can hold: %s', async (_what, body) => {
    client = new TodoClient({ baseUrl, http: createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 1_000_000 }) });
    reply = { status: 200, body };
    expect(await failure(list)).toMatchObject({ reason: 'unavailable' });
  });

  it("gives up a list with the signal's reason", async () => {
    const gone = new Error('the browser left');
    const signal = AbortSignal.abort(gone);
    await expect(client.list('token-1', { limit: 2, signal })).rejects.toBe(gone);
    expect(seen).toEqual([]);
  });

  it('adds and returns the to-do', async () => {
    reply = { status: 201, body: JSON.stringify(milk) };
    expect(await client.add('token-1', 'Buy milk')).toEqual(milk);
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/api/todolist', body: '{"description":"Buy milk"}' });
  });

  it.each([
    { status: 200, body: JSON.stringify(milk) },
    { status: 204, body: '' },
  ])('changes and removes, whether the API answers $status', async (given) => {
    reply = given;
    await client.change('token-1', 7, 'Buy oat milk');
    await client.remove('token-1', 7);
    expect(seen).toMatchObject([
      { method: 'PUT', path: '/api/todolist/7', body: '{"description":"Buy oat milk"}' },
      { method: 'DELETE', path: '/api/todolist/7', body: '' },
    ]);
  });

  it('B-50 keeps the header that says what is wrong with the token, a claims challenge too', async () => {
    const challenge = 'Bearer realm="todo", error="insufficient_claims", claims="e30="';
    reply = { status: 401, headers: { 'www-authenticate': challenge } };
    expect(await failure(list)).toMatchObject({ reason: 'unauthorized', wwwAuthenticate: challenge });
  });

  it.each([400, 409, 413])('passes on what the API says with %i', async (status) => {
    reply = { status, body: JSON.stringify({ detail: 'Use at most 500 characters.' }) };
    expect(await failure(list)).toMatchObject({ reason: 'refused', detail: 'Use at most 500 characters.' });
  });

  it.each(['<html>', '{}', '{"detail":5}', JSON.stringify({ detail: 'x'.repeat(501) })])(
    'passes on nothing from a refusal that is not a problem document: %s',
    async (body) => {
      reply = { status: 400, body };
      expect(await failure(list)).toMatchObject({ reason: 'refused', detail: undefined });
    },
  );

  it.each([
    [403, 'forbidden'],
    [404, 'notFound'],
    [429, 'tooOften'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [302, 'unavailable'],
    [418, 'unavailable'],
  ])('takes %i for "%s"', async (status, reason) => {
    reply = { status, headers: { location: '/elsewhere' } };
    expect(await failure(list)).toMatchObject({ reason, retryAfterSeconds: undefined });
  });

  it.each([
    ['30', 30],
    ['0', 0],
    ['-5', undefined],
    ['Fri, 31 Dec 1999 23:59:59 GMT', undefined],
    ['999999999', undefined],
  ])('reads Retry-After: %s', async (header, retryAfterSeconds) => {
    reply = { status: 503, headers: { 'retry-after': header } };
    expect(await failure(list)).toMatchObject({ reason: 'unavailable', retryAfterSeconds });
  });

  it.each([
    '',
    '<html>',
    'null',
    '{}',
    JSON.stringify([{ ...milk, owner: 5 }]),
    JSON.stringify([{ ...milk, id: -1 }]),
    JSON.stringify([{ id: 1, owner }]),
    'x'.repeat(20_000),
  ])('reports a response that is not a list as "unavailable" (%#)', async (body) => {
    reply = { status: 200, body };
    expect(await failure(list)).toMatchObject({ reason: 'unavailable' });
  });

  it('reports an unreachable API as "unavailable", without token or text', async () => {
    server.close();
    const error = await failure(() => client.add('token-1', 'my secret'));
    expect(error.reason).toBe('unavailable');
    for (const secret of ['token-1', 'my secret']) expect(`${error.stack} ${error.cause}`).not.toContain(secret);
  });
});
