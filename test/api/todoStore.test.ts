import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { RedisTodoStore } from '../../src/api/RedisTodoStore.ts';
import type { TodoStore } from '../../src/api/TodoStore.ts';
import { maxTodosPerOwner, type Todo } from '../../src/models/todo.ts';
import type { TodoPage } from '../../src/models/todoPage.ts';
import type { RedisConnection } from '../../src/runtime/redis.ts';
import { type Operator, openOperator, openRedis } from '../support/openRedis.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';

let server: RedisServer;
let redis: RedisConnection;
let operator: Operator;

beforeAll(async () => {
  server = await startRedis();
  redis = await openRedis(server.url);
  operator = await openOperator(server.url);
});

afterAll(async () => {
  redis.destroy();
  operator.destroy();
  await server.stop();
});

const stores: [string, () => TodoStore][] = [
  ['in process', () => new InProcessTodoStore()],
  ['on Redis', () => new RedisTodoStore(redis)],
];

/** All pages. @param limit of each */
async function everyTodo(store: TodoStore, limit = 1_000): Promise<Todo[]> {
  const all: Todo[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: TodoPage = await store.listAll(after, limit);
    expect(page.todos.length).toBeLessThanOrEqual(limit);
    all.push(...page.todos);
    after = page.next;
  }
  return all;
}

describe.each(stores)('a to-do store %s', (_, open) => {
  let store: TodoStore;
  let owner: string;
  let other: string;

  beforeEach(() => {
    store = open();
    owner = randomUUID();
    other = randomUUID();
  });

  it('is ready, and empty for an owner it does not know', async () => {
    await expect(store.check()).resolves.toBeUndefined();
    expect(await store.list(owner)).toEqual([]);
  });

  it('keeps to-dos in the order they came', async () => {
    const added = [];
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'])
      added.push(await store.add(owner, text));
    expect(await store.list(owner)).toEqual(added);
    expect(added.map((todo) => todo.owner)).toEqual(added.map(() => owner));
  });

  it('gives ids that are unique over all owners and never reused', async () => {
    const [first, second] = [await store.add(owner, 'x'), await store.add(other, 'x')];
    await store.remove(owner, first.id);
    const third = await store.add(owner, 'x');
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    expect(third.id).toBeGreaterThan(second.id);
  });

  it('finds, changes and removes for the owner only', async () => {
    const todo = await store.add(owner, 'mine');
    expect(await store.find(owner, todo.id)).toEqual(todo);
    expect(await store.find(other, todo.id)).toBeUndefined();
    expect(await store.change(other, todo.id, 'theirs')).toBeUndefined();
    expect(await store.remove(other, todo.id)).toBe(false);
    expect(await store.list(other)).toEqual([]);
    expect(await store.change(owner, todo.id, 'still mine')).toEqual({ ...todo, description: 'still mine' });
    expect(await store.find(owner, todo.id)).toEqual({ ...todo, description: 'still mine' });
  });

  it('knows the owner of a to-do until it is removed', async () => {
    const { id } = await store.add(owner, 'x');
    expect(await store.ownerOf(id)).toBe(owner);
    expect(await store.remove(owner, id)).toBe(true);
    expect(await store.ownerOf(id)).toBeUndefined();
    expect(await store.remove(owner, id)).toBe(false);
    expect(await store.change(owner, id, 'back again')).toBeUndefined();
    expect(await store.list(owner)).toEqual([]);
  });

  it("lists every owner's to-dos", async () => {
    const added = [await store.add(owner, 'x'), await store.add(other, 'y'), await store.add(owner, 'z')];
    for (const limit of [1, 2, 1_000]) {
      const all = await everyTodo(store, limit);
      expect(all.filter((todo) => [owner, other].includes(todo.owner))).toEqual(added);
    }
  });

  it('lists all to-dos on pages, in the order they came, without those that were removed', async () => {
    const added = [];
    for (let number = 0; number < 12; number += 1) added.push(await store.add(number % 2 ? owner : other, 'x'));
    const [first, second, ...rest] = added;
    if (!first || !second) throw new Error('nothing was added');
    await store.remove(second.owner, second.id);
    const onPages = (limit: number) => everyTodo(store, limit);
    for (const limit of [1, 5, 1_000]) {
      const mine = (await onPages(limit)).filter((todo) => [owner, other].includes(todo.owner));
      expect(mine).toEqual([first, ...rest]);
    }
    expect(await store.listAll(rest.at(-1)?.id ?? 0, 10)).toEqual({ todos: [], next: undefined });
  });

  it('B-47 holds at most 1000 to-dos of an owner, even when they arrive at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: maxTodosPerOwner + 5 }, () => store.add(owner, 'x')));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5);
    expect(await store.list(owner)).toHaveLength(maxTodosPerOwner);
    await expect(store.add(owner, 'one more')).rejects.toMatchObject({ status: 409 });
    const mine = (await everyTodo(store)).filter((todo) => todo.owner === owner);
    expect(mine).toHaveLength(maxTodosPerOwner);
  });

  it('B-48 brings nothing back that is removed while it is changed', async () => {
    for (const round of Array(50).keys()) {
      const { id } = await store.add(owner, `Round ${round}`);
      const [, removed] = await Promise.all([store.change(owner, id, 'changed'), store.remove(owner, id)]);
      expect(removed).toBe(true);
      expect(await store.find(owner, id)).toBeUndefined();
    }
    expect(await store.list(owner)).toEqual([]);
  });
});

describe('the store on Redis', () => {
  it('is shared by all connections, under the documented keys', async () => {
    const second = await openRedis(server.url);
    const owner = randomUUID();
    const todo = await new RedisTodoStore(redis).add(owner, 'shared');
    expect(await new RedisTodoStore(second).list(owner)).toEqual([todo]);
    expect(await operator.hGetAll(`api:v1:todos:${owner}`)).toMatchObject({ [todo.id]: 'shared' });
    second.destroy();
  });

  it('B-48 brings nothing back over two connections either', async () => {
    const second = await openRedis(server.url);
    const [here, there] = [new RedisTodoStore(redis), new RedisTodoStore(second)];
    const owner = randomUUID();
    for (const _ of Array(200)) {
      const { id } = await here.add(owner, 'x');
      await Promise.all([here.change(owner, id, 'changed'), there.remove(owner, id)]);
    }
    expect(await here.list(owner)).toEqual([]);
    second.destroy();
  });

  it('lists the to-dos of 12,000 owners, more than Redis takes commands at once, for several callers', async () => {
    await operator.flushAll();
    const owners = Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [index + 1, `owner-${index}`]));
    await operator.hSet('api:v1:owners', owners);
    await operator.set('api:v1:last-todo-id', '12000');
    await Promise.all(Object.entries(owners).map(([id, owner]) => operator.hSet(`api:v1:todos:${owner}`, id, 'x')));
    const store = new RedisTodoStore(redis);
    const lists = await Promise.all(Array.from({ length: 5 }, () => everyTodo(store, 12_000)));
    for (const list of lists) expect(list.map(({ id }) => id)).toEqual(Array.from(Array(12_000), (_, i) => i + 1));
    await operator.flushAll();
  });

  it('gives a page after a bounded search where thousands of to-dos were removed', async () => {
    await operator.set('api:v1:last-todo-id', '25000');
    const store = new RedisTodoStore(redis);
    expect(await store.listAll(0, 10)).toEqual({ todos: [], next: 10_000 });
    const last = await store.add('owner', 'x');
    expect(await everyTodo(store, 10)).toEqual([last]);
    await operator.flushAll();
  });

  it('ignores entries that are not to-dos, and is "unavailable" when a key has another type', async () => {
    const store = new RedisTodoStore(redis);
    const [owner, other] = [randomUUID(), randomUUID()];
    await operator.hSet(`api:v1:todos:${owner}`, { '7': 'good', '07': 'bad', nonsense: 'bad' });
    expect(await store.list(owner)).toEqual([{ id: 7, owner, description: 'good' }]);
    await operator.set(`api:v1:todos:${other}`, 'text');
    await expect(store.list(other)).rejects.toMatchObject({ status: 503 });
    await expect(store.add(other, 'x')).rejects.toMatchObject({ status: 503 });
  });
});
