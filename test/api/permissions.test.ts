import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/TodoStore.ts';
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

describe('permissions', () => {
  it.each<[string, Record<string, unknown>, number[]]>([
    ['the delegated ToDoList.ReadWrite does everything', {}, everything],
    ['B-21 neither scp nor roles does nothing', { scp: undefined }, nothing],
    ['B-21 an empty scp does nothing', { scp: '' }, nothing],
    ['B-21 an scp that is a list does nothing', { scp: ['ToDoList.ReadWrite'] }, nothing],
    ['B-21 another name that begins alike does nothing', { scp: 'ToDoList.ReadWrite2 xToDoList.Read' }, nothing],
    ['B-22 ToDoList.Read only reads', { scp: 'ToDoList.Read' }, readOnly],
    ['B-22 both permissions do everything', { scp: 'ToDoList.Read ToDoList.ReadWrite' }, everything],
    ['B-24 a delegated permission in roles does nothing', { ...asApplication, roles: ['ToDoList.ReadWrite'] }, nothing],
    ['B-24 the same in the roles of a customer', { scp: 'openid', roles: ['ToDoList.ReadWrite'] }, nothing],
    ['B-24 an application permission in scp does nothing', { scp: 'ToDoList.ReadWrite.All' }, nothing],
    ['B-24 an app role that a customer was given', { scp: 'openid', roles: ['ToDoList.ReadWrite.All'] }, nothing],
    ['B-25 an application reads', { ...asApplication, idtyp: 'app', roles: ['ToDoList.Read.All'] }, readOnly],
    ['B-25 one without idtyp, too', { ...asApplication, roles: ['ToDoList.Read.All'] }, readOnly],
    ['B-25 one that may write never creates', { ...asApplication, roles: ['ToDoList.ReadWrite.All'] }, allButCreate],
    ['B-25 roles that are text do nothing', { ...asApplication, roles: 'ToDoList.ReadWrite.All' }, nothing],
    [
      'B-26 scp and roles without idtyp is a customer',
      { scp: 'ToDoList.Read', roles: ['ToDoList.ReadWrite.All'] },
      readOnly,
    ],
    [
      'B-26 the same where the customer is its own subject',
      { ...asApplication, scp: 'ToDoList.Read', roles: ['ToDoList.ReadWrite.All'] },
      readOnly,
    ],
    ['B-26 scp and idtyp app is no customer', { idtyp: 'app' }, nothing],
    [
      'B-26 idtyp user without scp is no application',
      { ...asApplication, idtyp: 'user', roles: ['ToDoList.Read.All'] },
      nothing,
    ],
  ])('%s', async (_, changes, expected) => {
    const { statuses, answers } = await attempt(changes);
    expect(statuses).toEqual(expected);
    for (const answer of answers.filter(({ status }) => status === 403)) {
      expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
    }
  });

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
});

describe('an application', () => {
  const token = () => api.token({ ...asApplication, roles: ['ToDoList.ReadWrite.All'] });

  it('sees the to-dos of every owner and never owns one', async () => {
    const { id } = await store.add(bob, 'Call home');
    const owners = JSON.parse((await api.call('GET', '/api/todolist', { token: token() })).text);
    expect(new Set(owners.map((todo: { owner: string }) => todo.owner))).toEqual(new Set([alice, bob]));
    const shown = await api.call('GET', `/api/todolist/${id}`, { token: token() });
    expect(JSON.parse(shown.text)).toEqual({ id, owner: bob, description: 'Call home' });
  });

  it('changes a to-do without changing its owner, and cannot give it to another', async () => {
    const path = `/api/todolist/${todoOfAlice}`;
    const refused = await api.call('PUT', path, { token: token(), body: { description: 'Mine', owner: bob } });
    expect(refused.status).toBe(400);
    const changed = await api.call('PUT', path, { token: token(), body: { description: 'Done by robot' } });
    expect(JSON.parse(changed.text)).toEqual({ id: todoOfAlice, owner: alice, description: 'Done by robot' });
  });

  it('gets 404 for a to-do that nobody has', async () => {
    expect((await api.call('GET', '/api/todolist/999999', { token: token() })).status).toBe(404);
  });
});
