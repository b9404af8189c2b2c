import { expect } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';

/** The to-do in the customer's list, which a refused form must not change. */
export const theTodo = 'Stay as I am';

/** Starts a system in which Alice is signed in and has one to-do. */
export async function startWithTodo(): Promise<{ system: System; alice: Browser }> {
  const system = await startSystem();
  const alice = await system.signedIn('alice@example.com');
  await alice.goto(`${system.webUrl}/todos`);
  await alice.submit('Add', { description: theTodo });
  return { system, alice };
}

/** Expects that her list still holds this one to-do, unchanged. */
export async function expectUnchanged(webUrl: string, alice: Browser): Promise<void> {
  await alice.goto(`${webUrl}/todos`);
  const texts = [...alice.page.html.matchAll(/<span class="text">([^<]*)</g)].map(([, text]) => text);
  expect(texts).toEqual([theTodo]);
}

export function formHeaders(headers: Readonly<Record<string, string>> = {}) {
  return { 'content-type': 'application/x-www-form-urlencoded', ...headers };
}
