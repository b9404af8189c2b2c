import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folders of tests that cover attack rows or conformance modules. */
export const folders = ['test/conformance', 'test/attacks', 'test/web', 'test/api', 'test/entra'] as const;

export const root = resolve(import.meta.dirname, '../..');

/** Matches the titles of such tests, for vitest's --testNamePattern. */
export const titlePattern = '\\b([AB]-\\d{2,3}[ :]|(oidcc-client|fapi[12])-)';

/** The attack rows that a test covers: the ids at the start of its title, as in `A-28 A-29: …`. */
export function rowIdsOf(title: string): string[] {
  const start = /^(?:[AB]-\d+(?::? +|:?$))+/.exec(title)?.[0] ?? '';
  return start.match(/[AB]-\d+/g) ?? [];
}

/** The conformance module that a test plays: its title up to a colon. */
export function moduleNameOf(title: string): string | undefined {
  return /^((?:oidcc-client|fapi[12])-[\w-]+)(?::|$)/.exec(title)?.[1];
}

/** All strings in a test file that start like such a title, including the rows of a `test.each`. */
export function titlesIn(source: string): string[] {
  const literals = source.matchAll(/(['"`])((?:[AB]-\d|oidcc-client-|fapi[12]-)(?:(?!\1)[^\\\n]|\\.)*)\1/g);
  return [...literals].map(([, , title = '']) => title);
}

/** The titles in all test files of some folders. @param within default: the folders that the report runs */
export function allTitles(within: readonly string[] = folders): string[] {
  return within.flatMap((folder) => {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => name.endsWith('.test.ts'));
    return files.flatMap((name) => titlesIn(readFileSync(join(root, folder, name), 'utf8')));
  });
}
