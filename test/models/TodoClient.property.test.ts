import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TodoApiError, TodoClient } from '../../src/models/TodoClient.ts';
import { todo } from '../../src/models/todo.ts';
import type { TodoPage } from '../../src/models/todoPage.ts';
import { changedObjects, jsonObjects, trickyJson } from '../support/arbitraries.ts';

const baseUrl = 'https://api.example.com';
const list = (answer: { status: number; headers?: Record<string, string>; body?: string }) => {
  const client = new TodoClient({ baseUrl, http: { request: async () => ({ headers: {}, body: '', ...answer }) } });
  return client.list('token', { limit: 50 });
};

const isPage = (result: unknown): result is TodoPage =>
  typeof result === 'object' && result !== null && 'todos' in result;

async function failure(answer: Parameters<typeof list>[0]): Promise<TodoApiError> {
  const error = await list(answer).catch((thrown: unknown) => thrown);
  if (error instanceof TodoApiError) return error;
  throw new Error('no TodoApiError was thrown', { cause: error });
}

/** Makes a regular expression backtrack forever: one part repeated, then something that does not match. */
const endless = fc
  .tuple(
    fc.constantFrom('Bearer ', 'a="', '\\"', '=,', ' \t', '"\\', 'claims="', '0', '9', ',,'),
    fc.nat(100_000),
    fc.string(),
  )
  .map(([again, times, last]) => again.repeat(times / again.length) + last);
const challenge = fc
  .array(fc.tuple(fc.constantFrom('realm', 'error', 'claims', 'scope'), fc.string({ unit: 'binary' })))
  .map((parameters) => `Bearer ${parameters.map(([name, value]) => `${name}="${value}"`).join(', ')}`);
const headerValue = fc.oneof(fc.string({ unit: 'binary' }), challenge, endless);
const failed = fc.integer({ min: 300, max: 599 });
const body = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.json().map((detail) => `{"detail":${detail}}`),
  fc.string({ maxLength: 600, size: 'max' }).map((detail) => JSON.stringify({ detail })),
  fc.nat(50_000).map((depth) => '['.repeat(depth)),
);

const sound = { id: 1, owner: '5f4d1a2b-9d0c-4b7e-8a61-0c9f3e2d7b55', description: 'Buy milk' };
const nearlySound = fc.oneof(
  fc.array(changedObjects(sound), { maxLength: 3 }).map((list) => JSON.stringify(list)),
  fc.oneof(changedObjects(sound), jsonObjects(), trickyJson).map((body) => JSON.stringify(body)),
  fc.string({ unit: 'binary' }),
);
const statuses = fc.oneof(fc.constantFrom(200, 201, 204, 400, 429, 503), fc.integer({ min: 100, max: 599 }));

describe('whatever the API answers', () => {
  it('every WWW-Authenticate is passed on unparsed', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(401, 403), headerValue, async (status, header) => {
        const error = await failure({ status, headers: { 'www-authenticate': header } });
        expect(error.wwwAuthenticate).toBe(header);
        expect(error.reason).toBe(status === 401 ? 'unauthorized' : 'forbidden');
        expect(error.message).toBe(`The to-do API answered ${status}`);
      }),
    ));

  it('every failure is a TodoApiError with a short text or none', () =>
    fc.assert(
      fc.asyncProperty(failed, body, async (status, text) => {
        const error = await failure({ status, body: text });
        const { detail = '' } = error;
        expect(typeof detail === 'string' && detail.length <= 500).toBe(true);
        expect(error.message).toBe(`The to-do API answered ${status}`);
      }),
    ));

  it('every success is a list of to-dos, or a TodoApiError that repeats nothing of it', () => {
    const item = fc.record({ id: fc.oneof(fc.nat(), fc.jsonValue()), owner: fc.uuid(), description: fc.string() });
    const text = fc.oneof(
      body,
      fc.array(item).map((items) => JSON.stringify(items)),
    );
    return fc.assert(
      fc.asyncProperty(text, async (answered) => {
        const result = await list({ status: 200, body: answered }).catch((thrown: unknown) => thrown);
        if (isPage(result)) for (const one of result.todos) expect(todo.parse(one)).toEqual(one);
        else
          expect(result).toEqual(
            new TodoApiError('unavailable', 'The to-do API answered with something other than to-dos'),
          );
      }),
    );
  });

  it('every method succeeds or throws a TodoApiError', async () => {
    const check = async (status: number, body: string) => {
      const client = new TodoClient({ baseUrl, http: { request: async () => ({ status, headers: {}, body }) } });
      for (const call of [client.list('token', { limit: 50 }), client.add('token', 'x'), client.remove('token', 1)]) {
        const error = await call.then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined && !(error instanceof TodoApiError)) throw error;
      }
    };
    await fc.assert(fc.asyncProperty(statuses, nearlySound, check), { numRuns: 400 });
  });
});
