import { maxTodosPerOwner, type Todo } from '../models/todo.ts';
import type { TodoPage } from '../models/todoPage.ts';
import { Problem } from './errors.ts';

/** Keeps to-dos. Each belongs to one owner. Ids are unique over all owners and never reused. */
export interface TodoStore {
  /** An owner's to-dos, oldest first. */
  list(owner: string): Promise<Todo[]>;
  /**
   * Every owner's to-dos, ordered by id.
   * @param after the id that the page begins after: 0, or the `next` of the page before
   * @param limit the most to-dos on the page, which may have fewer, or none, although others follow
   */
  listAll(after: number, limit: number): Promise<TodoPage>;
  ownerOf(id: number): Promise<string | undefined>;
  find(owner: string, id: number): Promise<Todo | undefined>;
  /** @throws {Problem} 409 when the owner has {@link maxTodosPerOwner} */
  add(owner: string, description: string): Promise<Todo>;
  /** @returns undefined when the owner has no such to-do; never brings back one that was removed meanwhile */
  change(owner: string, id: number, description: string): Promise<Todo | undefined>;
  /** @returns false when the owner has no such to-do */
  remove(owner: string, id: number): Promise<boolean>;
  /** Tries what the API does with the store. @throws {StoreUnavailable} */
  check(): Promise<void>;
}

export function listIsFull(): Problem {
  return new Problem(409, `A list holds at most ${maxTodosPerOwner} to-dos. Remove some first.`);
}
