import { maxTodosPerOwner, parseTodoId, type Todo } from '../models/todo.ts';
import type { TodoPage } from '../models/todoPage.ts';
import type { RedisClient } from '../runtime/redis.ts';
import { StoreUnavailable } from './errors.ts';
import { listIsFull, type TodoStore } from './TodoStore.ts';

/** The last id that was given. */
const lastIdKey = 'api:v1:last-todo-id';
/** Maps ids to owners, for applications, which do not name an owner. */
const ownersKey = 'api:v1:owners';

const listKey = (owner: string) => `api:v1:todos:${owner}`;

// Each script checks and writes in one step. It touches one key only, so that it runs on a cluster.
const addScript = `if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])`;
const changeScript = `if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`;

/** How many lists are asked at once: all requests share one queue of commands. */
const batchSize = 100;
/** How many ids a page looks at, where many to-dos were removed. */
const maxIdsPerPage = 10_000;

/** A store on Redis, shared by all instances of the API. Every method throws StoreUnavailable when Redis fails. */
export class RedisTodoStore implements TodoStore {
  readonly #redis: RedisClient;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  async list(owner: string): Promise<Todo[]> {
    const descriptions = Object.entries(await guarded(this.#redis.hGetAll(listKey(owner))));
    return byId(
      descriptions.flatMap(([field, description]) => {
        const id = parseTodoId(field);
        return id ? { id, owner, description } : [];
      }),
    );
  }

  /** Walks through the ids in batches, so that its work does not grow with the number of owners. */
  async listAll(after: number, limit: number): Promise<TodoPage> {
    const lastId = Number(await guarded(this.#redis.get(lastIdKey)));
    const end = Math.min(lastId, after + maxIdsPerPage);
    const todos: Todo[] = [];
    let seen = after;
    while (seen < end && todos.length < limit) {
      const length = Math.min(batchSize, end - seen, limit - todos.length);
      const first = seen + 1;
      todos.push(...(await this.#findAll(Array.from({ length }, (_, index) => first + index))));
      seen += length;
    }
    return { todos, next: seen < lastId ? seen : undefined };
  }

  async ownerOf(id: number): Promise<string | undefined> {
    return (await guarded(this.#redis.hGet(ownersKey, String(id)))) ?? undefined;
  }

  async find(owner: string, id: number): Promise<Todo | undefined> {
    const description = await guarded(this.#redis.hGet(listKey(owner), String(id)));
    return typeof description === 'string' ? { id, owner, description } : undefined;
  }

  async add(owner: string, description: string): Promise<Todo> {
    const id = await guarded(this.#redis.incr(lastIdKey));
    // The owner first: an owner without a to-do is harmless, but applications could not find a to-do without an owner.
    await guarded(this.#redis.hSet(ownersKey, String(id), owner));
    const added = await this.#run(addScript, owner, [String(id), description, String(maxTodosPerOwner)]);
    if (added) return { id, owner, description };
    await guarded(this.#redis.hDel(ownersKey, String(id)));
    throw listIsFull();
  }

  async change(owner: string, id: number, description: string): Promise<Todo | undefined> {
    const changed = await this.#run(changeScript, owner, [String(id), description]);
    return changed ? { id, owner, description } : undefined;
  }

  async remove(owner: string, id: number): Promise<boolean> {
    const removed = await guarded(this.#redis.hDel(listKey(owner), String(id)));
    if (removed > 0) await guarded(this.#redis.hDel(ownersKey, String(id)));
    return removed > 0;
  }

  isReady(): boolean {
    return this.#redis.isReady;
  }

  async #findAll(ids: readonly number[]): Promise<Todo[]> {
    const owners = await guarded(this.#redis.hmGet(ownersKey, ids.map(String)));
    const find = async (id: number, index: number) => {
      const owner = owners[index];
      return owner ? await this.find(owner, id) : undefined;
    };
    return (await Promise.all(ids.map(find))).filter((todo) => todo !== undefined);
  }

  async #run(script: string, owner: string, values: string[]): Promise<boolean> {
    return (await guarded(this.#redis.eval(script, { keys: [listKey(owner)], arguments: values }))) === 1;
  }
}

async function guarded<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (cause) {
    throw new StoreUnavailable('Redis cannot keep the to-dos', { cause });
  }
}

function byId(todos: Todo[]): Todo[] {
  return todos.sort((a, b) => a.id - b.id);
}
