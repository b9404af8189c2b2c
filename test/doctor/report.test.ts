import { expect, test } from 'vitest';
import { fail, ok, unchecked, warn } from '../../src/doctor/finding.ts';
import { jsonReport, textReport } from '../../src/doctor/report.ts';

const findings = [
  fail('last', 'broken', 'mend it'),
  ok('first', 'good'),
  warn('third', 'unsafe', 'close it'),
  unchecked('second', 'unknown'),
];

test('the worst findings come last, above the counts', () => {
  expect(textReport(findings)).toBe(
    [
      'ok         first: good',
      'unchecked  second: unknown',
      'warn       third: unsafe. Fix: close it',
      'fail       last: broken. Fix: mend it',
      '1 ok, 1 unchecked, 1 warn, 1 fail',
    ].join('\n'),
  );
});

test('text from a server can neither start a line nor control the terminal', () => {
  const report = textReport([fail('server', 'answers\r\nok         all: good\u001b[2J\u202e', 'no')]);
  expect(report.split('\n')).toHaveLength(2);
  expect(report.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
});

test('JSON keeps the order of the checks and says whether all checks passed', () => {
  expect(JSON.parse(jsonReport(findings))).toEqual({ sound: false, findings });
  expect(JSON.parse(jsonReport(findings.slice(1))).sound).toBe(true);
});
