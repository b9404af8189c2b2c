import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { type Answer, type Api, alice, bob, startApi } from './apiHarness.ts';

let store: InProcessTodoStore;
let api: Api;
let token: string;

beforeAll(async () => {
  store = new InProcessTodoStore();
  api = await startApi({ store });
  token = api.token();
  await store.add(bob, 'Call home');
});

afterAll(() => api.stop());

const call = (method: string, path: string, body?: unknown) => api.call(method, path, { token, body });

/** Empties Alice's list, so that it is never full, and gives the id that comes next. */
async function nextId(): Promise<number> {
  for (const { id } of await store.list(alice)) await store.remove(alice, id);
  const { id } = await store.add(alice, 'the last one');
  await store.remove(alice, id);
  return id + 1;
}

function expectProblem(answer: Answer, ...statuses: number[]) {
  expect(statuses).toContain(answer.status);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const { detail, ...problem } = JSON.parse(answer.text);
  expect(problem).toEqual({ type: 'about:blank', title: expect.any(String), status: answer.status });
  expect(detail).toMatch(/^[ -~]{10,120}$/);
}

/** What may be kept as a text, written down once more and apart from the product. */
function isGoodText(text: string): boolean {
  if (Buffer.from(text).toString() !== text) return false;
  const kept = [...text.trim()];
  const isControl = (unit: number) => unit < 0x20 || (unit >= 0x7f && unit < 0xa0);
  return kept.length > 0 && kept.length <= 500 && !kept.some((sign) => isControl(sign.charCodeAt(0)));
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 600, size: 'max' }),
  fc.string({
    unit: fc.constantFrom(' ', '\u00a0', '\ufeff', '\u2028', 'a', '\t', '\u200b', '\ud800', '\x9b'),
    maxLength: 8,
  }),
);
const json = fc.jsonValue({ maxDepth: 4 });
const otherKeys = fc.dictionary(fc.oneof(fc.constantFrom('__proto__', 'constructor', 'oid', 'tid'), fc.string()), json);
const todo = fc.record(
  {
    description: fc.oneof({ arbitrary: text, weight: 5 }, { arbitrary: json, weight: 1 }),
    id: fc.oneof(fc.nat(), json),
    owner: fc.oneof(fc.constantFrom<unknown>(alice, bob, alice.toUpperCase()), json),
  },
  { requiredKeys: [] },
);
const body: Arbitrary<unknown> = fc.oneof(
  json,
  todo,
  text.map((description) => ({ description })),
  fc.tuple(todo, otherKeys).map(([own, more]) => ({ ...own, ...more })),
);
const runs = { numRuns: 80 };

describe('any JSON sent as a new to-do', () => {
  it('is kept with exactly its text, under a new id and for the caller, or refused and leaves nothing', () =>
    fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const id = await nextId();
        const answer = await call('POST', '/api/todolist', sent);
        if (answer.status !== 201) {
          expectProblem(answer, 400, 413);
          expect(await store.list(alice)).toEqual([]);
        } else {
          const description = Object(sent).description.trim();
          expect(JSON.parse(answer.text)).toEqual({ id, owner: alice, description });
          expect(await store.list(alice)).toEqual([{ id, owner: alice, description }]);
        }
        expect(await store.list(bob)).toHaveLength(1);
      }),
      runs,
    ));

  it('is kept if it is a good text and refused if it is none', () =>
    fc.assert(
      fc.asyncProperty(text, async (description) => {
        await nextId();
        const answer = await call('POST', '/api/todolist', { description });
        if (isGoodText(description)) expect(answer.status).toBe(201);
        else expectProblem(answer, 400, 413);
      }),
      runs,
    ));
});

describe('any JSON sent as a changed to-do', () => {
  it('changes the text of this one or nothing, and never its id or owner', () =>
    fc.assert(
      fc.asyncProperty(body, async (sent) => {
        await nextId();
        const before = await store.add(alice, 'Water the plants');
        const answer = await call('PUT', `/api/todolist/${before.id}`, sent);
        if (answer.status !== 200) expectProblem(answer, 400, 413);
        const description = answer.status === 200 ? Object(sent).description.trim() : before.description;
        expect(await store.list(alice)).toEqual([{ ...before, description }]);
        expect(await store.list(bob)).toHaveLength(1);
      }),
      runs,
    ));
});

describe('anything else', () => {
  it('any bytes sent as a body are refused with a problem', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 12_000, size: 'max' }), async (bytes) => {
        expectProblem(await call('POST', '/api/todolist', Buffer.from(bytes)), 400, 413);
      }),
      { numRuns: 60 },
    ));

  it('any text for an id leads to no to-do but by its own number', async () => {
    const { id } = await store.add(alice, 'Water the plants');
    const near = fc.constantFrom(
      `${id}`,
      `0${id}`,
      `+${id}`,
      `${id}.0`,
      `${id}e0`,
      ` ${id}`,
      `${id}/`,
      `${id}\0`,
      `-${id}`,
    );
    const anything = fc.oneof(near, fc.string({ unit: 'grapheme', minLength: 1 }), fc.double().map(String));
    await fc.assert(
      fc.asyncProperty(anything, async (given) => {
        const answer = await call('GET', `/api/todolist/${encodeURIComponent(given)}`);
        if (given === `${id}`) expect(answer.status).toBe(200);
        else if (given !== '.' && given !== '..') expectProblem(answer, 404);
      }),
      runs,
    );
  });

  it('any path and query are answered with a problem, and none leads to the to-dos of another', () =>
    fc.assert(
      fc.asyncProperty(fc.webPath(), fc.webQueryParameters(), async (path, query) => {
        expectProblem(await call('GET', `/x${path}?${query}`), 400, 404);
        const answer = await call('GET', `/api/todolist?${query}`);
        expect(answer.status).toBe(200);
        expect(answer.text).not.toContain(bob);
      }),
      runs,
    ));
});
