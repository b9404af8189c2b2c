import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { RedisTodoStore } from '../../src/api/RedisTodoStore.ts';
import type { TodoStore } from '../../src/api/TodoStore.ts';
import type { RedisConnection } from '../../src/runtime/redis.ts';
import { type Answer, type Api, alice, bob, startApi } from '../api/apiHarness.ts';
import { openRedis } from '../support/openRedis.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';

let server: RedisServer;
let redis: RedisConnection;

beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
});

afterAll(async () => {
  redis.destroy();
  await server.stop();
});

const stores: [string, () => TodoStore][] = [
  ['in process', () => new InProcessTodoStore()],
  ['on Redis', () => new RedisTodoStore(redis)],
];

/** Everything that a caller sees in a response, except what always differs. */
function seenOf({ status, headers: { date: _, 'x-request-id': __, ...headers }, text }: Answer) {
  return { status, headers, text };
}

describe.each(stores)('to-dos %s', (_, open) => {
  let store: TodoStore;
  let api: Api;
  let mine: number;
  let theirs: number;

  beforeAll(async () => {
    store = open();
    api = await startApi({ store });
  });

  beforeEach(async () => {
    mine = (await store.add(alice, 'Water the plants')).id;
    theirs = (await store.add(bob, 'Call home')).id;
  });

  afterAll(() => api.stop());

  const asAlice = (method: string, path: string, body?: unknown) =>
    api.call(method, path, { token: api.token(), body });
  const status = async (method: string, path: string, body?: unknown) => (await asAlice(method, path, body)).status;

  it.each([
    ['GET', undefined],
    ['HEAD', undefined],
    ['PUT', { description: 'Mine now' }],
    ['PUT', { description: 'Mine now', owner: alice }],
    ['PUT', { description: 'Mine now', owner: bob }],
    ['PUT', { description: '' }],
    ['PUT', '{'],
    ['DELETE', undefined],
  ])("B-29 %s of another's to-do answers exactly as for none, with the body %j", async (method, body) => {
    const none = await asAlice(method, '/api/todolist/999999999', body);
    expect(seenOf(await asAlice(method, `/api/todolist/${theirs}`, body))).toEqual(seenOf(none));
    expect([400, 404]).toContain(none.status);
    expect(await store.find(bob, theirs)).toEqual({ id: theirs, owner: bob, description: 'Call home' });
    expect(await store.find(alice, theirs)).toBeUndefined();
  });

  it('B-29 a deleted id, another owner’s id and an unknown id get the same answer', async () => {
    await store.remove(alice, mine);
    const answers = await Promise.all([mine, theirs, 999_999_999].map((id) => asAlice('GET', `/api/todolist/${id}`)));
    const [first, ...others] = answers.map(seenOf);
    expect(first).toMatchObject({ status: 404 });
    for (const other of others) expect(other).toEqual(first);
  });

  it("B-30 the list contains only the caller's own to-dos, whatever the query", async () => {
    for (const query of [
      '',
      `?owner=${bob}`,
      `?oid=${bob}`,
      `?owner[]=${bob}&owner[$ne]=x`,
      '?roles=ToDoList.Read.All',
    ]) {
      const todos = JSON.parse((await asAlice('GET', `/api/todolist${query}`)).text);
      expect(todos).toEqual(await store.list(alice));
      expect(todos).not.toContainEqual(expect.objectContaining({ owner: bob }));
    }
    const headers = { 'x-ms-client-principal-id': bob, 'x-forwarded-user': bob };
    const asked = await api.call('GET', '/api/todolist', { token: api.token(), headers });
    expect(JSON.parse(asked.text)).toEqual(await store.list(alice));
  });

  it('B-11 B-19 the same customer id in another tenant gets nothing', async () => {
    const other = randomUUID();
    for (const changes of [{ tid: other }, { iss: `https://${other}.ciamlogin.com/${other}/v2.0` }]) {
      const token = api.token(changes);
      expect((await api.call('GET', `/api/todolist/${mine}`, { token })).status).toBe(401);
      expect((await api.call('DELETE', `/api/todolist/${mine}`, { token })).status).toBe(401);
    }
    expect(await store.find(alice, mine)).toMatchObject({ owner: alice });
  });

  it('B-48 a concurrent change and deletion leave no ghost', async () => {
    for (const round of Array(20).keys()) {
      const path = `/api/todolist/${(await store.add(alice, `Round ${round}`)).id}`;
      const body = { description: 'Changed' };
      const [changed, removed] = await Promise.all([status('PUT', path, body), status('DELETE', path)]);
      expect([200, 404]).toContain(changed);
      expect(removed).toBe(204);
      expect(await status('GET', path)).toBe(404);
      expect(JSON.stringify(await store.listAll(0, 10_000))).not.toContain(`Round ${round}`);
    }
  });

  it('B-48 one of many concurrent deletions succeeds', async () => {
    const path = `/api/todolist/${mine}`;
    const statuses = await Promise.all(Array.from({ length: 20 }, () => status('DELETE', path)));
    expect(statuses.sort()).toEqual([204, ...Array(19).fill(404)]);
  });

  it('B-48 one of many concurrent changes is stored completely', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(200));
    const path = `/api/todolist/${mine}`;
    const statuses = await Promise.all(texts.map((description) => status('PUT', path, { description })));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(texts).toContain(JSON.parse((await asAlice('GET', path)).text).description);
  });

  it('B-49 deleting twice answers 204, then 404', async () => {
    const removed = await asAlice('DELETE', `/api/todolist/${mine}`);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect(await status('DELETE', `/api/todolist/${mine}`)).toBe(404);
    expect(await status('PUT', `/api/todolist/${mine}`, { description: 'Back again' })).toBe(404);
    expect(await store.find(bob, theirs)).toMatchObject({ owner: bob });
  });
});
