import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { type Api, alice, bob, startApi } from './apiHarness.ts';

const store = new InProcessTodoStore();
const daemon = randomUUID();
/** What Entra puts in an application's own token: it is its own subject and has no scp. */
const asApplication = { scp: undefined, oid: daemon, sub: daemon };
let api: Api;
let todoOfAlice: number;

beforeAll(async () => {
  api = await startApi({ store });
});

beforeEach(async () => {
  todoOfAlice = (await store.add(alice, 'Water the plants')).id;
});

afterAll(() => api.stop());

/** The statuses of reading, creating, changing and removing with a token. */
async function attempt(changes: Record<string, unknown>) {
  const token = api.token(changes);
  const one = `/api/todolist/${todoOfAlice}`;
  const answers = [
    await api.call('GET', '/api/todolist', { token }),
    await api.call('POST', '/api/todolist', { token, body: { description: 'New' } }),
    await api.call('PUT', one, { token, body: { description: 'Changed' } }),
    await api.call('DELETE', one, { token }),
  ];
  return { statuses: answers.map(({ status }) => status), answers };
}

const everything = [200, 201, 200, 204];
const readOnly = [200, 403, 403, 403];
const allButCreate = [200, 403, 200, 204];
const nothing = [403, 403, 403, 403];

type Row = [string, Record<string, unknown>, number[]];

async function expectStatuses(changes: Record<string, unknown>, expected: number[]) {
  const { statuses, answers } = await attempt(changes);
  expect(statuses).toEqual(expected);
  for (const answer of answers.filter(({ status }) => status === 403)) {
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
  }
  if (expected[2] === 403)
    expect(await store.find(alice, todoOfAlice)).toMatchObject({ description: 'Water the plants' });
}

describe('permissions', () => {
  it('the delegated ToDoList.ReadWrite does everything', () => expectStatuses({}, everything));

  it.each<Row>([
    ['neither scp nor roles', { scp: undefined }, nothing],
    ['an empty scp', { scp: '' }, nothing],
    ['an scp that is a list', { scp: ['ToDoList.ReadWrite'] }, nothing],
    ['an scp that is null', { scp: null }, nothing],
    ['another name that begins alike', { scp: 'ToDoList.ReadWrite2 xToDoList.Read' }, nothing],
    ['the name in other letters', { scp: 'todolist.readwrite TODOLIST.READ' }, nothing],
    ['names between other signs than spaces', { scp: 'openid,ToDoList.ReadWrite\tToDoList.Read' }, nothing],
    ['the name with its URI', { scp: 'api://todo/ToDoList.ReadWrite' }, nothing],
    ['a pattern', { scp: '* ToDoList.* .default' }, nothing],
  ])('B-21 %s does nothing', (_, changes, expected) => expectStatuses(changes, expected));

  it.each<Row>([
    ['ToDoList.Read only reads', { scp: 'ToDoList.Read' }, readOnly],
    ['both permissions do everything', { scp: 'ToDoList.Read ToDoList.ReadWrite' }, everything],
  ])('B-22 %s', (_, changes, expected) => expectStatuses(changes, expected));

  it.each<Row>([
    ['a delegated permission in roles', { ...asApplication, roles: ['ToDoList.ReadWrite', 'ToDoList.Read'] }, nothing],
    ['the same in the roles of a customer', { scp: 'openid', roles: ['ToDoList.ReadWrite'] }, nothing],
    ['the same in the roles of a customer without scp', { scp: undefined, roles: ['ToDoList.ReadWrite'] }, nothing],
    ['an application permission in scp', { scp: 'ToDoList.ReadWrite.All ToDoList.Read.All' }, nothing],
    ['an app role that a customer was given', { scp: 'openid', roles: ['ToDoList.ReadWrite.All'] }, nothing],
    ['the same without scp', { scp: undefined, roles: ['ToDoList.ReadWrite.All'] }, nothing],
    [
      'a permission in claims of other names',
      { scp: '', scope: 'ToDoList.ReadWrite', wids: ['ToDoList.Read'] },
      nothing,
    ],
  ])('B-24 %s does nothing', (_, changes, expected) => expectStatuses(changes, expected));

  it.each<Row>([
    ['one with idtyp reads', { ...asApplication, idtyp: 'app', roles: ['ToDoList.Read.All'] }, readOnly],
    ['one without idtyp, too', { ...asApplication, roles: ['ToDoList.Read.All'] }, readOnly],
    ['one that may write never creates', { ...asApplication, roles: ['ToDoList.ReadWrite.All'] }, allButCreate],
    ['roles that are text do nothing', { ...asApplication, roles: 'ToDoList.ReadWrite.All' }, nothing],
    [
      'roles that are an object do nothing',
      { ...asApplication, roles: { 0: 'ToDoList.Read.All', length: 1 } },
      nothing,
    ],
    ['no roles do nothing', asApplication, nothing],
    ['empty roles do nothing', { ...asApplication, idtyp: 'app', roles: [] }, nothing],
    ['roles in roles do nothing', { ...asApplication, roles: [['ToDoList.ReadWrite.All']] }, nothing],
  ])('B-25 of applications: %s', async (_, changes, expected) => {
    await expectStatuses(changes, expected);
    expect(await store.list(daemon)).toEqual([]);
  });

  const both = { scp: 'ToDoList.Read', roles: ['ToDoList.ReadWrite.All'] };

  it.each<Row>([
    ['scp and roles without idtyp is a customer', both, readOnly],
    ['the same where the customer is its own subject', { ...asApplication, ...both }, readOnly],
    ['scp and idtyp app is no customer', { idtyp: 'app' }, nothing],
    ['scp and roles with idtyp app is an application', { ...asApplication, ...both, idtyp: 'app' }, allButCreate],
    ['scp and roles with idtyp user is a customer', { ...asApplication, ...both, idtyp: 'user' }, readOnly],
    ['idtyp user without scp is nobody', { ...asApplication, idtyp: 'user', roles: ['ToDoList.Read.All'] }, nothing],
    ['an empty scp is no application', { ...asApplication, scp: '', roles: ['ToDoList.Read.All'] }, nothing],
    ['an scp of null is no application', { ...asApplication, scp: null, roles: ['ToDoList.Read.All'] }, nothing],
    ['idtyp null is no application', { ...asApplication, idtyp: null, roles: ['ToDoList.Read.All'] }, nothing],
    ['idtyp APP is no application', { ...asApplication, idtyp: 'APP', roles: ['ToDoList.Read.All'] }, nothing],
    ['idtyp in a list is no application', { ...asApplication, idtyp: ['app'], roles: ['ToDoList.Read.All'] }, nothing],
  ])('B-26 %s', (_, changes, expected) => expectStatuses(changes, expected));

  it.each([
    ['GET', {}, 'scope="ToDoList.Read"'],
    ['POST', {}, 'scope="ToDoList.ReadWrite"'],
    ['GET', asApplication, 'scope="ToDoList.Read.All"'],
  ])('B-21 the answer to %s names the permission that would do', async (method, changes, scope) => {
    const token = api.token({ scp: method === 'GET' ? undefined : 'ToDoList.Read', ...changes });
    const answer = await api.call(method, '/api/todolist', { token });
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toContain(scope);
  });

  it('B-26 a customer with an app role sees only their own to-dos', async () => {
    const theirs = await store.add(bob, 'Call home');
    const token = api.token(both);
    const todos = JSON.parse((await api.call('GET', '/api/todolist', { token })).text);
    expect(new Set(todos.map(({ owner }: { owner: string }) => owner))).toEqual(new Set([alice]));
    expect((await api.call('GET', `/api/todolist/${theirs.id}`, { token })).status).toBe(404);
  });
});

describe('an application', () => {
  const token = () => api.token({ ...asApplication, roles: ['ToDoList.ReadWrite.All'] });

  it('B-25 sees the to-dos of every owner and never owns one', async () => {
    const { id } = await store.add(bob, 'Call home');
    const owners = JSON.parse((await api.call('GET', '/api/todolist', { token: token() })).text);
    expect(new Set(owners.map((todo: { owner: string }) => todo.owner))).toEqual(new Set([alice, bob]));
    const shown = await api.call('GET', `/api/todolist/${id}`, { token: token() });
    expect(JSON.parse(shown.text)).toEqual({ id, owner: bob, description: 'Call home' });
  });

  it('B-25 changes a to-do without changing its owner, and cannot give it to another', async () => {
    const path = `/api/todolist/${todoOfAlice}`;
    const refused = await api.call('PUT', path, { token: token(), body: { description: 'Mine', owner: bob } });
    expect(refused.status).toBe(400);
    const changed = await api.call('PUT', path, { token: token(), body: { description: 'Done by robot' } });
    expect(JSON.parse(changed.text)).toEqual({ id: todoOfAlice, owner: alice, description: 'Done by robot' });
  });

  it('gets 404 for a to-do that does not exist', async () => {
    expect((await api.call('GET', '/api/todolist/999999', { token: token() })).status).toBe(404);
  });
});
