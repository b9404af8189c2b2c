import type { Todo } from './todo.ts';

/** Which part of a list is asked for. */
export interface TodoPageRequest {
  /** The most to-dos on the page. */
  readonly limit: number;
  /** The `next` of the page before; undefined for the first page. */
  readonly after: number | undefined;
  /** Which to-dos come first. */
  readonly order: 'oldest' | 'newest';
}

export interface TodoPage {
  readonly todos: readonly Todo[];
  /** Where the next page begins; undefined on the last page. */
  readonly next: number | undefined;
}

/**
 * Cuts a page out of a whole list. A page begins after an id, not at a position, so that a to-do which is added or
 * removed meanwhile shifts no other. Ids only grow: the newest to-do has the largest.
 */
export function pageOf(todos: readonly Todo[], { limit, after, order }: TodoPageRequest): TodoPage {
  const direction = order === 'oldest' ? 1 : -1;
  const following = todos
    .filter(({ id }) => after === undefined || (id - after) * direction > 0)
    .sort((a, b) => (a.id - b.id) * direction);
  const page = following.slice(0, limit);
  return { todos: page, next: following.length > limit ? page.at(-1)?.id : undefined };
}
