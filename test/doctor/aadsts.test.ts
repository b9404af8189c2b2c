import { expect, test } from 'vitest';
import { aadstsIn, refusal } from '../../src/doctor/aadsts.ts';
import { unchecked } from '../../src/doctor/finding.ts';

test('a known code fails with its cause and fix', () => {
  const finding = refusal('credential', 7000222, 'CLIENT_ID');
  expect(finding).toMatchObject({ status: 'fail', cause: 'CLIENT_ID: the secret has expired (AADSTS7000222)' });
  expect(refusal('credential', 7000222, 'CLIENT_ID', unchecked)).toEqual(finding);
});

test('another code fails or is unchecked, as the check specifies, and is named', () => {
  expect(refusal('credential', 53003, 'CLIENT_ID')).toMatchObject({ status: 'fail' });
  const finding = refusal('redirect URI', 53003, 'https://www.example.com', unchecked);
  expect(finding).toMatchObject({ status: 'unchecked', cause: expect.stringMatching(/AADSTS53003/) });
});

test('an answer without a code is unchecked', () => {
  expect(refusal('credential', aadstsIn('<h1>Maintenance</h1>'), 'CLIENT_ID').status).toBe('unchecked');
});

test('the first code of an answer counts', () => {
  expect(aadstsIn('AADSTS50011: The redirect URI … https://login.microsoftonline.com/error?code=90002')).toBe(50011);
});
