import { expect, test } from 'vitest';
import { attackRows } from '../attacks/rows.ts';
import { modules } from '../conformance/modules.ts';
import { isBad, makeReport, type TestOutcome } from './report.ts';
import { reportText } from './text.ts';

const ids = Object.keys(attackRows);
const played = modules.filter(({ standing }) => standing === 'played').map(({ name }) => name);
const refused = modules.filter(({ standing }) => standing === 'refused by design').map(({ name }) => name);
const outcome = (title: string, status = 'passed'): TestOutcome => ({ title, status, file: 'a.test.ts', message: '' });
const allPassed = [...ids.map((id) => `${id} is refused`), ...played, ...refused].map((title) => outcome(title));

const rowOf = (tests: readonly TestOutcome[], id: string) => makeReport(tests).rows.find((row) => row.id === id);
const seenOf = (tests: readonly TestOutcome[], name: string) =>
  new Set(
    makeReport(tests)
      .profiles.filter(({ notApplicable }) => !notApplicable)
      .flatMap((profile) => profile.modules.filter((module) => module.name === name).map(({ seen }) => seen)),
  );

test('if every test passed, the report is good and counts every module once', () => {
  const report = makeReport(allPassed);
  const { modules: counts, rows } = report.totals;
  expect(isBad(report)).toBe(false);
  expect([rows.passed, counts.passed, counts['refused by design']]).toEqual([
    ids.length,
    played.length,
    refused.length,
  ]);
  expect(counts.passed + counts['refused by design'] + counts['not applicable']).toBe(modules.length);
});

test.each(['failed', 'skipped', 'pending', 'todo'])('a test that is %s makes its row and the report fail', (status) => {
  const tests = [...allPassed, outcome('A-02 A-03: both', status)];
  expect([rowOf(tests, 'A-02'), rowOf(tests, 'A-03')]).toEqual([
    expect.objectContaining({ tests: 2, seen: 'failed' }),
    expect.objectContaining({ tests: 2, seen: 'failed' }),
  ]);
  expect(rowOf(tests, 'A-04')).toMatchObject({ tests: 1, seen: 'passed' });
  expect(isBad(makeReport(tests))).toBe(true);
});

test('a row or module without a test is missing, and the report fails', () => {
  for (const title of ['A-02 is refused', 'oidcc-client-test-invalid-iss', 'oidcc-client-test-client-secret-basic']) {
    const report = makeReport(allPassed.filter((test) => test.title !== title));
    expect(report.totals.rows.missing + report.totals.modules.missing).toBe(1);
    expect(isBad(report)).toBe(true);
  }
});

test('a module’s failed test shows in every profile that contains the module', () => {
  const name = 'oidcc-client-test-idtoken-sig-none';
  expect(seenOf(allPassed, name)).toEqual(new Set(['passed']));
  expect(seenOf([...allPassed, outcome(name, 'failed')], name)).toEqual(new Set(['failed']));
});

test('a module refused by design stays so if its test passed, and fails otherwise', () => {
  const title = 'oidcc-client-test-client-secret-basic';
  const seen = (status: string) => seenOf([...allPassed, outcome(title, status)], title);
  expect([seen('passed'), seen('failed')]).toEqual([new Set(['refused by design']), new Set(['failed'])]);
});

test('the text has a line for every module of every profile and for every row, and the totals', () => {
  const report = makeReport(allPassed);
  const lines = reportText(report).split('\n');
  for (const { name, modules: own } of report.profiles) {
    expect(lines.filter((line) => line.startsWith(`${name}: `))).toHaveLength(1);
    for (const module of own) expect(lines.some((line) => line.startsWith(`${module.name} `))).toBe(true);
  }
  for (const id of ids)
    expect(lines.some((line) => line.startsWith(id) && line.endsWith('| 1     | passed'))).toBe(true);
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(
      /^conformance modules: \d+ passed, \d+ refused by design, \d+ not applicable, 0 failed, 0 missing$/,
    ),
    `attack rows: ${ids.length} passed, 0 failed, 0 missing`,
  ]);
});

test('the text says which tests failed, where and why', () => {
  const failed = { ...outcome('A-02 a code', 'failed'), message: 'expected 400' };
  expect(reportText(makeReport([...allPassed, failed]))).toContain('\na.test.ts: A-02 a code: failed: expected 400\n');
  expect(reportText(makeReport(allPassed))).not.toContain('Failed tests');
});
