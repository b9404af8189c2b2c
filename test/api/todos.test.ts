import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { maxTodosPerOwner, type Todo } from '../../src/models/todo.ts';
import { type Answer, type Api, alice, bob, type Call, startApi } from './apiHarness.ts';

const store = new InProcessTodoStore();
let api: Api;
let mine: number;
let theirs: number;

beforeAll(async () => {
  api = await startApi({ store });
});

beforeEach(async () => {
  mine = (await store.add(alice, 'Water the plants')).id;
  theirs = (await store.add(bob, 'Call home')).id;
});

afterAll(() => api.stop());

const asAlice = (method: string, path: string, call: Call = {}) =>
  api.call(method, path, { token: api.token(), ...call });
const add = (body: unknown, headers = {}) => asAlice('POST', '/api/todolist', { body, headers });
const change = (id: number, body: unknown) => asAlice('PUT', `/api/todolist/${id}`, { body });

function expectProblem(answer: Answer, status: number) {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(JSON.parse(answer.text)).toMatchObject({ type: 'about:blank', status, detail: expect.any(String) });
}

describe('the to-do list', () => {
  it('adds, shows, changes and removes', async () => {
    const added = await add({ description: '  Buy milk ' });
    expect(added.status).toBe(201);
    const todo = JSON.parse(added.text);
    expect(todo).toEqual({ id: expect.any(Number), owner: alice, description: 'Buy milk' });
    const path = String(added.headers.location);
    expect(path).toBe(`/api/todolist/${todo.id}`);
    expect(JSON.parse((await asAlice('GET', path)).text)).toEqual(todo);
    const changed = await change(todo.id, { ...todo, description: 'Buy oat milk' });
    expect(changed.status).toBe(200);
    expect(JSON.parse(changed.text)).toEqual({ ...todo, description: 'Buy oat milk' });
    expect((await asAlice('DELETE', path)).status).toBe(204);
    expectProblem(await asAlice('GET', path), 404);
  });

  it.each([
    '',
    `?owner=${bob}`,
    `?userId=${bob}&all=true`,
    `?$filter=owner eq '${bob}'`.replaceAll(' ', '%20'),
    '?owner[]=1&__proto__[x]=1',
  ])("B-30 lists the caller's own to-dos only, with the query %j", async (query) => {
    const todos = JSON.parse((await asAlice('GET', `/api/todolist${query}`)).text);
    expect(todos.map(({ owner }: { owner: string }) => owner)).toEqual(todos.map(() => alice));
    expect(todos).toContainEqual({ id: mine, owner: alice, description: 'Water the plants' });
  });

  it.each(['0', '-1', '01', '1.0', '1e3', '0x1', 'abc', '%20', '９', '9007199254740993', '99999999999999999999'])(
    'does not know the id %s',
    async (id) => {
      expectProblem(await asAlice('GET', `/api/todolist/${encodeURI(id)}`), 404);
    },
  );

  it('answers a path that cannot be decoded with 400', async () => {
    expectProblem(await asAlice('GET', '/api/todolist/%E0%A4%A'), 400);
  });
});

describe('pages of a list', () => {
  const oid = randomUUID();
  const ids: number[] = [];
  beforeAll(async () => {
    for (const description of 'abcdefg') ids.push((await store.add(oid, description)).id);
  });

  /** Follows the links from one page to the last. @returns the texts of each page */
  async function pagesFrom(path: string, token: string, from = api): Promise<string[][]> {
    const pages: string[][] = [];
    for (let next: string | undefined = path; next; ) {
      const answer: Answer = await from.call('GET', next, { token });
      expect(answer.status).toBe(200);
      pages.push(JSON.parse(answer.text).map(({ description }: Todo) => description));
      next = /^<(.+)>; rel="next"$/.exec(String(answer.headers.link))?.[1];
    }
    return pages;
  }

  const textsOf = (pages: readonly string[][]) => pages.map((texts) => texts.join(''));

  it.each([
    ['', ['abcdefg']],
    ['?limit=7', ['abcdefg']],
    ['?limit=3', ['abc', 'def', 'g']],
    ['?limit=3&order=newest', ['gfe', 'dcb', 'a']],
    ['?order=newest', ['gfedcba']],
  ])('with %j are linked in order', async (query, pages) => {
    expect(textsOf(await pagesFrom(`/api/todolist${query}`, api.token({ oid })))).toEqual(pages);
  });

  it('begin after an id, also after that to-do was removed', async () => {
    const [first = 0, second = 0] = ids;
    await store.remove(oid, second);
    expect(textsOf(await pagesFrom(`/api/todolist?limit=4&after=${first}`, api.token({ oid })))).toEqual(['cdef', 'g']);
    expect(textsOf(await pagesFrom(`/api/todolist?limit=4&after=${second}`, api.token({ oid })))).toEqual([
      'cdef',
      'g',
    ]);
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=1.5',
    'limit=x',
    'limit=1&limit=2',
    'after=-1',
    'after=9007199254740993',
    'after=',
    'order=x',
  ])('with %s are refused', async (query) => {
    expectProblem(await asAlice('GET', `/api/todolist?${query}`), 400);
  });

  it('an application gets at most 1000 to-dos at once, from the oldest, and reads those of 2500 owners', async () => {
    const all = new InProcessTodoStore();
    for (const _ of Array(2_500)) await all.add(randomUUID(), 'x');
    const another = await startApi({ store: all });
    const daemon = randomUUID();
    const token = another.token({ scp: undefined, oid: daemon, sub: daemon, roles: ['ToDoList.Read.All'] });
    const pages = await pagesFrom('/api/todolist', token, another);
    expect(pages.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
    expectProblem(await another.call('GET', '/api/todolist?order=newest', { token }), 400);
    await another.stop();
  });
});

describe('what a body may say', () => {
  it.each<[string, unknown]>([
    ['another owner', { description: 'x', owner: bob }],
    ['an owner that is no GUID', { description: 'x', owner: 'bob' }],
    ['an owner of null', { description: 'x', owner: null }],
    ['an id', { description: 'x', id: 5 }],
    ['createdAt', { description: 'x', createdAt: '2026-01-01' }],
    ['tid', { description: 'x', tid: randomUUID() }],
    ['oid', { description: 'x', oid: bob }],
    ['a key nobody knows', { description: 'x', admin: true }],
    ['a key of every object', { description: 'x', toString: 'x' }],
    ['the key in other letters', { description: 'x', Owner: bob }],
    ['two owners, of which one is right', `{"description":"x","owner":"${alice}","owner":"${bob}"}`],
    ['__proto__', `{"description":"x","__proto__":{"owner":"${bob}"}}`],
    ['constructor', '{"description":"x","constructor":{"prototype":{"owner":"x"}}}'],
  ])('B-31 POST with %s is refused and adds nothing', async (_, body) => {
    const before = await store.listAll(0, 1_000);
    expectProblem(await add(body), 400);
    expect(await store.listAll(0, 1_000)).toEqual(before);
    expect({}).not.toHaveProperty('owner');
  });

  it('B-31 the owner may be repeated', async () => {
    for (const owner of [alice, alice.toUpperCase()]) {
      const answer = await add({ description: 'x', owner });
      expect(answer.status).toBe(201);
      expect(JSON.parse(answer.text)).toMatchObject({ owner: alice });
    }
  });

  it.each<[string, () => unknown]>([
    ['another owner', () => ({ description: 'x', owner: bob })],
    ['another id', () => ({ description: 'x', id: theirs })],
    ['an id as text', () => ({ description: 'x', id: String(mine) })],
    ['an unknown key', () => ({ description: 'x', done: true })],
  ])('B-32 PUT with %s is refused and changes nothing', async (_, body) => {
    expectProblem(await change(mine, body()), 400);
    expect(await store.find(alice, mine)).toEqual({ id: mine, owner: alice, description: 'Water the plants' });
  });

  it.each([
    ['501 characters', 'x'.repeat(501)],
    ['10 001 characters', 'x'.repeat(10_001)],
    ['nothing', ''],
    ['only spaces', ' \u2003\t'],
    ['a line break inside', 'a\nb'],
    ['a control character', 'a\u0000b'],
    ['half a character', 'a\ud800'],
    ['a number', 5],
    ['null', null],
    ['a list', ['x']],
    ['an object', { toString: 'x' }],
  ])('B-46 a description of %s is refused', async (_, description) => {
    expectProblem(await add({ description }), 400);
  });

  it.each(['<b>bold</b>', '"quoted" \\ \'', '日本語 👩‍👩‍👧', '{{7*7}}', 'x'.repeat(500)])(
    'B-46 %s is kept as it is',
    async (description) => {
      const added = await add({ description });
      expect(JSON.parse(added.text)).toMatchObject({ description });
      const shown = await asAlice('GET', String(added.headers.location));
      expect(JSON.parse(shown.text)).toMatchObject({ description });
      expect(shown.headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
      });
    },
  );
});

describe('a full list', () => {
  it('B-47 the 1001st to-do is refused, and one that is removed makes room', async () => {
    const oid = randomUUID();
    const token = api.token({ oid });
    const ids: number[] = [];
    for (const _ of Array(maxTodosPerOwner)) ids.push((await store.add(oid, 'x')).id);
    const addOne = () => api.call('POST', '/api/todolist', { token, body: { description: 'one more' } });
    expectProblem(await addOne(), 409);
    expect((await api.call('DELETE', `/api/todolist/${ids[0]}`, { token })).status).toBe(204);
    expect((await addOne()).status).toBe(201);
  });
});
