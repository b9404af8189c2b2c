import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TodoApiError, TodoClient } from '../../src/models/TodoClient.ts';
import { changedObjects, jsonObjects, trickyJson } from '../support/arbitraries.ts';

const todo = { id: 1, owner: '5f4d1a2b-9d0c-4b7e-8a61-0c9f3e2d7b55', description: 'Buy milk' };
const bodies = fc.oneof(
  fc.array(changedObjects(todo), { maxLength: 3 }).map((list) => JSON.stringify(list)),
  fc.oneof(changedObjects(todo), jsonObjects(), trickyJson).map((body) => JSON.stringify(body)),
  fc.string({ unit: 'binary' }),
);
const waits = fc.oneof(
  fc.constantFrom('5', '300', '301', '99999', '-1', '1.5', '1e9', ''),
  fc.nat().map(String),
  fc.string(),
);
const statuses = fc.oneof(fc.constantFrom(200, 201, 204, 400, 429, 503), fc.integer({ min: 100, max: 599 }));

describe('TodoClient', () => {
  it('reads of any answer to-dos, or says in its own error that it cannot, and waits at most five minutes', async () => {
    const check = async (status: number, body: string, wait: string) => {
      const http = { request: async () => ({ status, headers: { 'retry-after': wait }, body }) };
      const client = new TodoClient({ baseUrl: 'https://api.example', http });
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
    await fc.assert(fc.asyncProperty(statuses, bodies, waits, check), { numRuns: 1_500 });
  });
});
