import { expect, it } from 'vitest';
import { refusalKind } from '../../../src/web/middleware/refusalKind.ts';

it.each([
  ['AADSTS53003', 'blocked'],
  ['AADSTS53000', 'blocked'],
  ['AADSTS530032', 'blocked'],
  ['AADSTS65004', 'notAllowed'],
  ['AADSTS90094', 'notAllowed'],
  ['AADSTS131010', 'notAllowed'],
  ['AADSTS50146', 'misconfigured'],
  ['AADSTS70011', 'misconfigured'],
  ['AADSTS500011', 'misconfigured'],
  ['AADSTS650052', 'misconfigured'],
  ['AADSTS90033', 'later'],
  ['AADSTS50053', 'later'],
])('%s is of the kind %s', (number, kind) => {
  expect(refusalKind(number)).toBe(kind);
});

it.each(['AADSTS5300', 'AADSTS5300312', 'AADSTS70008', 'AADSTS50126', ''])('%s says no more', (number) => {
  expect(refusalKind(number)).toBeUndefined();
});
