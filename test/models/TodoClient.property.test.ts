import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TodoApiError, TodoClient } from '../../src/models/TodoClient.ts';
import { todo } from '../../src/models/todo.ts';
import { changedObjects, jsonObjects, trickyJson } from '../support/arbitraries.ts';

const baseUrl = 'https://api.example.com';
const list = (answer: { status: number; headers?: Record<string, string>; body?: string }) => {
  const client = new TodoClient({ baseUrl, http: { request: async () => ({ headers: {}, body: '', ...answer }) } });
  return client.list('token');
};

async function failure(answer: Parameters<typeof list>[0]): Promise<TodoApiError> {
  const error = await list(answer).catch((thrown: unknown) => thrown);
  if (error instanceof TodoApiError) return error;
  throw new Error('no TodoApiError was thrown', { cause: error });
}

/** What takes a regular expression that backtracks for ever: the same again and again, and then not what it waits for. */
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
const waits = fc.oneof(
  fc.constantFrom('5', '300', '301', '99999', '-1', '1.5', '1e9', ''),
  fc.nat().map(String),
  fc.string(),
);
const statuses = fc.oneof(fc.constantFrom(200, 201, 204, 400, 429, 503), fc.integer({ min: 100, max: 599 }));

describe('whatever the API answers', () => {
  it('every WWW-Authenticate is handed on unread, to whoever knows what to do with it', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(401, 403), headerValue, async (status, header) => {
        const error = await failure({ status, headers: { 'www-authenticate': header } });
        expect(error.wwwAuthenticate).toBe(header);
        expect(error.reason).toBe(status === 401 ? 'unauthorized' : 'forbidden');
        expect(error.message).toBe(`The to-do API answered ${status}`);
      }),
    ));

  it('every failure is a TodoApiError with a wait within bounds and a short text or none', () =>
    fc.assert(
      fc.asyncProperty(failed, headerValue, body, async (status, header, text) => {
        const error = await failure({ status, headers: { 'retry-after': header }, body: text });
        const { retryAfterSeconds = 0, detail = '' } = error;
        expect(Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 0 && retryAfterSeconds <= 300).toBe(true);
        expect(typeof detail === 'string' && detail.length <= 500).toBe(true);
        expect(error.message).toBe(`The to-do API answered ${status}`);
      }),
    ));

  it('every wait in whole seconds is read, and shortened to five minutes', () =>
    fc.assert(
      fc.asyncProperty(failed, fc.nat(99_999), async (status, seconds) => {
        const { retryAfterSeconds } = await failure({ status, headers: { 'retry-after': String(seconds) } });
        expect(retryAfterSeconds).toBe(Math.min(seconds, 300));
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
        if (Array.isArray(result)) for (const one of result) expect(todo.parse(one)).toEqual(one);
        else
          expect(result).toEqual(new TodoApiError('unavailable', 'The to-do API answered something that is no to-do'));
      }),
    );
  });

  it('reads of any answer to-dos, or says in its own error that it cannot, and waits at most five minutes', async () => {
    const check = async (status: number, body: string, wait: string) => {
      const http = { request: async () => ({ status, headers: { 'retry-after': wait }, body }) };
      const client = new TodoClient({ baseUrl: baseUrl, http });
      for (const call of [client.list('token'), client.add('token', 'x'), client.remove('token', 1)]) {
        const error = await call.then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error === undefined) continue;
        if (!(error instanceof TodoApiError)) throw error;
        const seconds = error.retryAfterSeconds ?? 0;
        expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 300).toBe(true);
      }
    };
    await fc.assert(fc.asyncProperty(statuses, nearlySound, waits, check), { numRuns: 1_500 });
  });
});
