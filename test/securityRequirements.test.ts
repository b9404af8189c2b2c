import { existsSync, readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allTitles, rowIdsOf } from './securityReport/titles.ts';
import {
  citedIds,
  givesReason,
  linkedFiles,
  quotedTests,
  requirementRows,
  testTitles,
} from './support/requirementsPage.ts';

const root = resolve(import.meta.dirname, '..');
const page = 'docs/security-requirements.md';

/** OWASP ASVS 5.0.0, what concerns this project, by chapter and level: `3.2: 1 (1)` is requirement 3.2.1 of level 1. */
const asvs = `
  1.1: 1 (2)
  1.2: 1 (1), 2 (1), 3 (1)
  1.3: 6 (2)
  2.2: 1 (1), 2 (1)
  2.3: 1 (1)
  2.4: 1 (2)
  3.1: 1 (3)
  3.2: 1 (1), 2 (1), 3 (3)
  3.3: 1 (1), 2 (2), 3 (2), 4 (2), 5 (3)
  3.4: 1 (1), 2 (1), 3 (2), 4 (2), 5 (2), 6 (2), 7 (3), 8 (3)
  3.5: 1 (1), 2 (1), 3 (1), 4 (2), 8 (3)
  3.6: 1 (3)
  3.7: 2 (2), 3 (3), 5 (3)
  4.1: 3 (2), 4 (3)
  4.2: 1 (2)
  6.1: 1 (1), 3 (2)
  6.3: 1 (1), 2 (1), 3 (2), 4 (2), 8 (3)
  6.8: 1 (2), 2 (2), 4 (2)
  7.1: 1 (2), 2 (2), 3 (2)
  7.2: 1 (1), 2 (1), 3 (1), 4 (1)
  7.3: 1 (2), 2 (2)
  7.4: 1 (1), 2 (1), 3 (2), 4 (2), 5 (2)
  7.5: 2 (2), 3 (3)
  7.6: 1 (2), 2 (2)
  8.1: 1 (1), 2 (2)
  8.2: 1 (1), 2 (1), 3 (2)
  8.3: 1 (1), 2 (3), 3 (3)
  8.4: 1 (2)
  9.1: 1 (1), 2 (1), 3 (1)
  9.2: 1 (1), 2 (2), 3 (2), 4 (2)
  10.1: 1 (2), 2 (2)
  10.2: 1 (2), 2 (2), 3 (3)
  10.3: 1 (2), 2 (2), 3 (2), 4 (2), 5 (3)
  10.4: 1 (1), 2 (1), 3 (1), 4 (1), 5 (1), 6 (2), 8 (2), 10 (2), 11 (2), 16 (3)
  10.5: 1 (2), 2 (2), 3 (2), 4 (2), 5 (2)
  10.6: 2 (2)
  10.7: 1 (2), 2 (2), 3 (2)
  11.5: 1 (2)
  12.1: 1 (1)
  12.2: 1 (1), 2 (1)
  12.3: 1 (2), 2 (2), 3 (2), 4 (2)
  13.1: 1 (2), 2 (3), 3 (3), 4 (3)
  13.2: 1 (2), 2 (2), 3 (2), 4 (2), 5 (2), 6 (3)
  13.3: 1 (2), 4 (3)
  13.4: 1 (1), 2 (2), 3 (2), 4 (2), 5 (2), 6 (3)
  14.1: 1 (2)
  14.2: 1 (1), 2 (2), 3 (2), 6 (3), 7 (3)
  14.3: 1 (1), 2 (2), 3 (2)
  15.3: 1 (1), 2 (2), 3 (2), 5 (2), 6 (2), 7 (2)
  15.4: 2 (3)
  16.2: 1 (2), 2 (2), 5 (2)
  16.3: 1 (2), 2 (2), 3 (2), 4 (2)
  16.4: 1 (2), 2 (2), 3 (2)
  16.5: 1 (2), 2 (2), 3 (2), 4 (3)`;

/** The lists that RFC 9700 has for clients and for resource servers, numbered by us in its order. */
const rfc9700 = [...numbered('C', 18), ...numbered('R', 5)];

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
}

/** `3.2.1 (1)` and so on. */
function asvsRequirements(): string[] {
  return asvs
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [section = '', numbers = ''] = line.trim().split(': ');
      return numbers.split(', ').map((number) => `${section}.${number}`);
    });
}

const markdown = readFileSync(join(root, page), 'utf8');
const rows = requirementRows(markdown);

describe(page, () => {
  test('has each requirement in one row, with its level', () => {
    const named = rows.flatMap(({ requirements }) => requirements);
    expect(named.toSorted()).toEqual([...asvsRequirements(), ...rfc9700].toSorted());
  });

  test('says of each what shows it, or why nothing does', () => {
    const silent = rows.filter(({ shownBy }) => {
      return citedIds(shownBy).length === 0 && quotedTests(shownBy).length === 0 && !givesReason(shownBy);
    });
    expect(silent).toEqual([]);
  });

  test('cites attacks that tests show', () => {
    const shown = new Set(allTitles().flatMap(rowIdsOf));
    expect([...new Set(rows.flatMap(({ shownBy }) => citedIds(shownBy)))].filter((id) => !shown.has(id))).toEqual([]);
  });

  test('quotes tests that there are', () => {
    const quoted = rows.flatMap(({ shownBy }) => quotedTests(shownBy));
    const wrong = quoted.flatMap(({ link, titles }) => {
      const there = testTitles(readFileSync(join(root, posix.join('docs', link)), 'utf8'));
      const unknown = titles.filter((title) => !there.includes(title));
      return titles.length > 0 ? unknown.map((title) => `${link} "${title}"`) : [`${link} without a title`];
    });
    expect(wrong).toEqual([]);
  });

  test('links files that there are', () => {
    const files = linkedFiles(markdown).map((link) => posix.join('docs', link));
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('the reader of that page', () => {
  test('finds requirements, attacks, tests and reasons', () => {
    const [row, ...others] = requirementRows(
      '| requirement | what |\n| 3.1.1 (3), C2 | x | y | A-01 B-102 [t](t.test.ts) "a", "b" |',
    );
    expect([row?.requirements, others]).toEqual([['3.1.1 (3)', 'C2'], []]);
    expect(citedIds(row?.shownBy ?? '')).toEqual(['A-01', 'B-102']);
    expect(quotedTests(row?.shownBy ?? '')).toEqual([{ link: 't.test.ts', titles: ['a', 'b'] }]);
    expect([givesReason('**Not met**: no time'), givesReason('**Not met**'), givesReason('no time')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(() => requirementRows('| C1 | x | A-01 |')).toThrow('not four cells');
  });

  test('finds the titles of calls and of tables, without attack rows', () => {
    const source = [
      `test('A-01 A-02: one', f); it.each([['two']])("three", f); x('five');`,
      "test(\n  'A-03 and A-04 fo\\'ur', f);",
    ].join('\n');
    expect(testTitles(source)).toEqual(['one', 'three', "fo'ur"]);
  });
});
