import { describe, expect, it } from 'vitest';
import { outcomeOfError, parseAuthorizationAnswer } from '../../../src/web/auth/authorizationAnswer.ts';
import { SignInFailed } from '../../../src/web/auth/errors.ts';

const state = 'the-state';

describe('parseAuthorizationAnswer', () => {
  it.each([
    [
      { state, code: 'c', session_state: 's' },
      { state, code: 'c', error: undefined, iss: undefined },
    ],
    [
      { state, code: 'c', iss: 'https://x' },
      { state, code: 'c', error: undefined, iss: 'https://x' },
    ],
    [
      { state, error: 'access_denied', error_description: 'x'.repeat(5_000) },
      { state, error: 'access_denied' },
    ],
    [
      { state, code: 'c', error: 'access_denied' },
      { state, code: 'c', error: 'access_denied' },
    ],
    [
      { state: 'x'.repeat(128), code: 'x'.repeat(8192) },
      { state: 'x'.repeat(128), code: 'x'.repeat(8192) },
    ],
    [
      { state, code: 'c', anything: ['else'] },
      { state, code: 'c' },
    ],
  ])('reads %j', (query, answer) => {
    expect(parseAuthorizationAnswer(query)).toMatchObject(answer);
  });

  it('hands on the number in an error description, not its words, and no parameters that it does not know', () => {
    const query = { state, error: 'e', error_description: 'AADSTS650056: <b>', error_uri: 'https://evil', nonce: 'n' };
    const answer = { state, error: 'e', aadsts: 'AADSTS650056', isCancelled: false, code: undefined, iss: undefined };
    expect(parseAuthorizationAnswer(query)).toEqual(answer);
  });

  it.each<readonly [name: string, query: unknown]>([
    ['A-01 nothing', {}],
    ['A-02 no state', { code: 'c' }],
    ['A-25 an error without a state', { error: 'access_denied' }],
    ['a state alone', { state }],
    ['an empty state', { state: '', code: 'c' }],
    ['an empty code', { state, code: '' }],
    ['an empty error', { state, error: '' }],
    ['a state of 129 characters', { state: 'x'.repeat(129), code: 'c' }],
    ['A-12 a code of 8193 characters', { state, code: 'x'.repeat(8193) }],
    ['A-12 a code with NUL', { state, code: 'a\0b' }],
    ['A-12 a code with a line break', { state, code: 'a\r\nb' }],
    ['A-12 a code with a space', { state, code: 'a b' }],
    ['A-12 a code with a letter outside ASCII', { state, code: 'é' }],
    ['an error of 65 characters', { state, error: 'x'.repeat(65) }],
    ['an iss of 513 characters', { state, code: 'c', iss: 'x'.repeat(513) }],
    ...['state', 'code', 'error', 'error_subcode', 'error_description', 'error_uri', 'iss', 'session_state'].flatMap(
      (name) =>
        [
          [`${name} twice`, { state, code: 'c', [name]: ['a', 'b'] }],
          [`${name} as an object`, { state, code: 'c', [name]: { a: 'b' } }],
        ] as const,
    ),
    ['no query at all', undefined],
    ['a text', 'state=x&code=y'],
  ])('%s is refused', (_name, query) => {
    const read = () => parseAuthorizationAnswer(query);
    expect(read).toThrow(SignInFailed);
    expect(read).toThrow('malformed answer');
  });
});

describe('an answer with access_denied', () => {
  const outcomeOf = (query: object) =>
    outcomeOfError(parseAuthorizationAnswer({ state, error: 'access_denied', ...query }));
  const numbered = { error_description: 'AADSTS53003: Access has been blocked.' };

  it.each([
    ['with the sub-code cancel', { error_subcode: 'cancel' }],
    ['without a number', {}],
    ['without a number in its description', { error_description: 'The customer said no' }],
    ['with a number and the sub-code cancel', { error_subcode: 'cancel', ...numbered }],
  ])('%s is a cancelled sign-in', (_name, query) => {
    expect(outcomeOf(query).kind).toBe('cancelled');
  });

  it.each([numbered, { ...numbered, error_subcode: 'other' }])('and a number is a refusal: %j', (query) => {
    expect(() => outcomeOf(query)).toThrow(
      expect.objectContaining({ reason: 'refused by the tenant', cause: new Error('access_denied AADSTS53003') }),
    );
  });
});

it.each(['server_error', 'temporarily_unavailable'])('%s hands on its number', (error) => {
  const answer = parseAuthorizationAnswer({ state, error, error_description: 'AADSTS90033: Transient.' });
  expect(() => outcomeOfError(answer)).toThrow(`the tenant answered ${error} AADSTS90033`);
});

it('a malformed answer hands on its number', () => {
  const read = () => parseAuthorizationAnswer({ error: 'e', error_description: 'AADSTS50146: Words.' });
  expect(read).toThrow(expect.objectContaining({ cause: new Error('AADSTS50146') }));
});
