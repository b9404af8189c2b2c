import { expect, test } from 'vitest';
import { attackRows } from '../attacks/rows.ts';
import { modules, profiles } from '../conformance/modules.ts';
import { allTitles, moduleNameOf, rowIdsOf, titlePattern, titlesIn } from './titles.ts';

const titles = allTitles();
const rowIds = new Set(titles.flatMap(rowIdsOf));
const moduleNames = new Set(titles.flatMap((title) => moduleNameOf(title) ?? []));

test('every attack row has a test', () => {
  expect(Object.keys(attackRows).filter((id) => !rowIds.has(id))).toEqual([]);
});

test('every conformance module that is played or refused by design has a test', () => {
  const missing = modules.filter(({ name, standing }) => standing !== 'not applicable' && !moduleNames.has(name));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test('no test claims an unknown row or module', () => {
  const isKnown = (title: string) => {
    const ids = rowIdsOf(title);
    if (ids.length > 0) return ids.every((id) => Object.hasOwn(attackRows, id));
    return modules.some(({ name }) => name === moduleNameOf(title));
  };
  // Further tests of rows, which the report does not run.
  const others = allTitles(['test/browser', 'test/journeys', 'test/headless', 'test/models']);
  expect(others.length).toBeGreaterThan(5);
  expect([...titles, ...others].filter((title) => !isKnown(title))).toEqual([]);
});

test('no test claims a module that is not applicable', () => {
  const claimed = modules.filter(({ name, standing }) => standing === 'not applicable' && moduleNames.has(name));
  expect(claimed).toEqual([]);
});

test('every module has a unique name, and a reason if it is not played', () => {
  expect(new Set(modules.map(({ name }) => name)).size).toBe(modules.length);
  expect(modules.filter(({ standing, reason }) => (standing === 'played') === Boolean(reason))).toEqual([]);
  expect(new Set(profiles.map(({ plan }) => plan)).size).toBe(profiles.length);
});

test.each<[string, string[]]>([
  ['A-02 a code', ['A-02']],
  ['A-28 A-29: two', ['A-28', 'A-29']],
  ['A-28: A-29: two', ['A-28', 'A-29']],
  ['B-103', ['B-103']],
  ['A-02', ['A-02']],
  ['a code of A-02', []],
  ['A-02b is no id', []],
])('the title %j shows the rows %j', (title, ids) => {
  expect(rowIdsOf(title)).toEqual(ids);
});

test.each([
  ['oidcc-client-test', 'oidcc-client-test'],
  ['oidcc-client-test-invalid-iss: nobody is signed in', 'oidcc-client-test-invalid-iss'],
  ['oidcc-client-test invalid', undefined],
  ['plays oidcc-client-test', undefined],
])('the title %j plays the module %s', (title, name) => {
  expect(moduleNameOf(title)).toBe(name);
});

test('titles are found in calls and in the rows of a test.each, whatever the quotes', () => {
  const source = [
    `test('A-01 one', f); test("A-02 can't", f); it(\`A-03 \${x}\`, f);`,
    `test.each([['A-04: a', 1], ['oidcc-client-test', 2]])('%s', f); describe('not A-05', f);`,
    `const key = 'fapi2-x'; // A-06`,
  ].join('\n');
  const found = ['A-01 one', "A-02 can't", `A-03 \${x}`, 'A-04: a', 'oidcc-client-test', 'fapi2-x'];
  expect(titlesIn(source)).toEqual(found);
  expect(found.filter((title) => !new RegExp(titlePattern).test(`the title ${title}`))).toEqual([]);
});
