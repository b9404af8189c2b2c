import { maxTodosPerOwner, type Todo } from '../models/todo.ts';
import { pageOf, type TodoPage } from '../models/todoPage.ts';
import { listIsFull, type TodoStore } from './TodoStore.ts';

/** A store in this process, for one instance; a restart empties it. */
export class InProcessTodoStore implements TodoStore {
  readonly #lists = new Map<string, Map<number, Todo>>();
  #lastId = 0;

  async list(owner: string): Promise<Todo[]> {
    return [...(this.#lists.get(owner)?.values() ?? [])];
  }

  async listAll(after: number, limit: number): Promise<TodoPage> {
    const all = [...this.#lists.values()].flatMap((list) => [...list.values()]);
    return pageOf(all, { after, limit, order: 'oldest' });
  }

  async ownerOf(id: number): Promise<string | undefined> {
    for (const [owner, list] of this.#lists) if (list.has(id)) return owner;
    return undefined;
  }

  async find(owner: string, id: number): Promise<Todo | undefined> {
    return this.#lists.get(owner)?.get(id);
  }

  async add(owner: string, description: string): Promise<Todo> {
    const list = this.#lists.get(owner) ?? new Map<number, Todo>();
    if (list.size >= maxTodosPerOwner) throw listIsFull();
    this.#lastId += 1;
    const todo = { id: this.#lastId, owner, description };
    this.#lists.set(owner, list.set(todo.id, todo));
    return todo;
  }

  async change(owner: string, id: number, description: string): Promise<Todo | undefined> {
    const list = this.#lists.get(owner);
    if (!list?.has(id)) return undefined;
    const todo = { id, owner, description };
    list.set(id, todo);
    return todo;
  }

  async remove(owner: string, id: number): Promise<boolean> {
    return this.#lists.get(owner)?.delete(id) ?? false;
  }

  async check(): Promise<void> {}
}
