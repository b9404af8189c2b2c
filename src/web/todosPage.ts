import type { TodoPage } from '../models/todoPage.ts';

/** A refused form of the to-do page: the customer's text and the reason. */
export interface RefusedTodo {
  /** The to-do to change; without it, a new one. */
  id?: number;
  description: string;
  error: string;
}

/** A form for a to-do's text, as `partials/description.ejs` shows it. */
interface TextForm {
  id: string;
  action: string;
  label: string;
  value: string | undefined;
  error: string | undefined;
  button: string;
}

/** The data of the to-do page. */
export interface TodosPage {
  /** Adds a to-do; or changes one whose list is unavailable, so that the customer's text is not lost. */
  form: TextForm;
  isRefused: boolean;
  /** Undefined while the list is unavailable. */
  rows: readonly TodoRow[] | undefined;
  /** This page, once more. */
  href: string;
  newestHref: string | undefined;
  olderHref: string | undefined;
}

interface TodoRow {
  description: string;
  form: TextForm;
  /** Whether the row shows its form. */
  isOpen: boolean;
  removeAction: string;
}

/** The address of a page of the list. @param after the id that it begins after; undefined for the newest to-dos */
export function todosHref(after: number | undefined): string {
  return `/todos${queryOf(after)}`;
}

/**
 * @param list undefined while the list is unavailable
 * @param after the id that this page begins after
 * @param draft a refused form
 */
export function todosPage(list: TodoPage | undefined, after?: number, draft?: RefusedTodo): TodosPage {
  // A refused change goes back into the form of its to-do. If that to-do is gone, the text goes into the form that adds one.
  const changed = list?.todos.find(({ id }) => id === draft?.id);
  const rows = list?.todos.map((todo) => {
    const refused = todo === changed ? draft : undefined;
    const action = `/todos/${todo.id}`;
    const form = {
      ...changeForm(`${action}${queryOf(after)}`, `todo-${todo.id}`),
      value: refused?.description ?? todo.description,
      error: refused?.error,
    };
    const removeAction = `${action}/delete${queryOf(after)}`;
    return { description: todo.description, form, isOpen: refused !== undefined, removeAction };
  });
  const top =
    !list && draft?.id !== undefined
      ? changeForm(`/todos/${draft.id}${queryOf(after)}`, 'new')
      : { id: 'new', action: '/todos', label: 'What is there to do?', button: 'Add' };
  const left = changed ? undefined : draft;
  return {
    form: { ...top, value: left?.description, error: left?.error },
    isRefused: draft !== undefined,
    rows,
    href: todosHref(after),
    newestHref: after === undefined ? undefined : todosHref(undefined),
    olderHref: list?.next === undefined ? undefined : todosHref(list.next),
  };
}

function changeForm(action: string, id: string) {
  return { id, action, label: 'New text', button: 'Save' };
}

function queryOf(after: number | undefined): string {
  return after === undefined ? '' : `?after=${after}`;
}
