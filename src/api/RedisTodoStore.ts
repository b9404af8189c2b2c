import { maxTodosPerOwner, parseTodoId, type Todo } from '../models/todo.ts';
import type { TodoPage } from '../models/todoPage.ts';
import type { RedisConnection } from '../runtime/redis.ts';
import { apiProbe } from '../runtime/redisProbe.ts';
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
  readonly #redis: Pick<RedisConnection, 'send' | 'check'>;

  constructor(redis: Pick<RedisConnection, 'send' | 'check'>) {
    this.#redis = redis;
  }

  async list(owner: string): Promise<Todo[]> {
    const key = listKey(owner);
    const descriptions = Object.entries(await this.#send<Record<string, string>>(key, ['HGETALL', key]));
    return byId(
      descriptions.flatMap(([field, description]) => {
        const id = parseTodoId(field);
        return id ? { id, owner, description } : [];
      }),
    );
  }

  /** Walks through the ids in batches, so that its work does not grow with the number of owners. */
  async listAll(after: number, limit: number): Promise<TodoPage> {
    const lastId = Number(await this.#send(lastIdKey, ['GET', lastIdKey]));
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
    return (await this.#send<string | null>(ownersKey, ['HGET', ownersKey, String(id)])) ?? undefined;
  }

  async find(owner: string, id: number): Promise<Todo | undefined> {
    const key = listKey(owner);
    const description = await this.#send<string | null>(key, ['HGET', key, String(id)]);
    return description === null ? undefined : { id, owner, description };
  }

  async add(owner: string, description: string): Promise<Todo> {
    const id = await this.#send<number>(lastIdKey, ['INCR', lastIdKey]);
    // The owner first: an owner without a to-do is harmless, but applications could not find a to-do without an owner.
    await this.#send(ownersKey, ['HSET', ownersKey, String(id), owner]);
    const added = await this.#run(addScript, owner, [String(id), description, String(maxTodosPerOwner)]);
    if (added) return { id, owner, description };
    await this.#send(ownersKey, ['HDEL', ownersKey, String(id)]);
    throw listIsFull();
  }

  async change(owner: string, id: number, description: string): Promise<Todo | undefined> {
    const changed = await this.#run(changeScript, owner, [String(id), description]);
    return changed ? { id, owner, description } : undefined;
  }

  async remove(owner: string, id: number): Promise<boolean> {
    const key = listKey(owner);
    const removed = await this.#send<number>(key, ['HDEL', key, String(id)]);
    if (removed > 0) await this.#send(ownersKey, ['HDEL', ownersKey, String(id)]);
    return removed > 0;
  }

  async check(): Promise<void> {
    await guarded(this.#redis.check(apiProbe));
  }

  async #findAll(ids: readonly number[]): Promise<Todo[]> {
    const owners = await this.#send<(string | null)[]>(ownersKey, ['HMGET', ownersKey, ...ids.map(String)]);
    const find = async (id: number, index: number) => {
      const owner = owners[index];
      return owner ? await this.find(owner, id) : undefined;
    };
    return (await Promise.all(ids.map(find))).filter((todo) => todo !== undefined);
  }

  async #run(script: string, owner: string, values: string[]): Promise<boolean> {
    const key = listKey(owner);
    return (await this.#send(key, ['EVAL', script, '1', key, ...values])) === 1;
  }

  async #send<Reply>(key: string, command: readonly string[]): Promise<Reply> {
    return await guarded(this.#redis.send<Reply>(key, command));
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
