import { z } from 'zod';

/** The longest text of a to-do, in characters. */
export const maxDescriptionLength = 500;

/** The most to-dos that one owner can have. */
export const maxTodosPerOwner = 1_000;

/** The text of a to-do: 1 to 500 characters on one line, not only spaces. */
export const todoDescription = z
  .string()
  .trim()
  .min(1, 'Write what there is to do.')
  .max(maxDescriptionLength, `Use at most ${maxDescriptionLength} characters.`)
  .refine((text) => !/\p{Cc}|\p{Cs}/u.test(text), 'Use one line of plain text.');

/** A to-do's id: a positive integer that JavaScript represents exactly. */
export const todoId = z.int().positive();

/**
 * A to-do as the API sends it; the contract of Microsoft's ASP.NET Core TodoListAPI sample.
 * `owner` is the customer's object id in the tenant.
 */
export const todo = z.object({ id: todoId, owner: z.guid(), description: z.string().max(maxDescriptionLength) });
export type Todo = z.output<typeof todo>;

/**
 * Reads a to-do's id from a path. One spelling only, so that no two paths lead to the same to-do.
 * @returns undefined for anything but a positive integer in plain decimal digits.
 */
export function parseTodoId(text: string): number | undefined {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined;
  return id !== undefined && Number.isSafeInteger(id) ? id : undefined;
}
