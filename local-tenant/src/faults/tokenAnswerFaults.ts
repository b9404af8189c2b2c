import type { Response } from 'express';
import type { FaultTable } from './fault.ts';

/** Sends a sound answer with a flaw in it; the code is spent by then. */
export type FlawedAnswer = (response: Response, sound: object) => unknown;

/** @param changes fields to set; undefined leaves one out */
const withFields =
  (changes: Readonly<Record<string, unknown>>): FlawedAnswer =>
  (response, sound) =>
    response.json({ ...sound, ...changes });

/** What the token endpoint does not look at, though it must. */
export const leniencies = {
  'token-any-verifier': ['A code is redeemed whatever the code_verifier (RFC 9700, section 2.1.1).', true],
} as const satisfies FaultTable<true>;

/** What is wrong with an answer that has tokens. */
export const tokenAnswerFaults = {
  'token-500-with-tokens': ['Status 500 with a sound body.', (response, sound) => response.status(500).json(sound)],
  'token-type-mac': ['token_type is mac.', withFields({ token_type: 'mac' })],
  'token-type-mixed-case': [
    'token_type is bEARER, which is the same as Bearer (RFC 6749, section 5.1).',
    withFields({ token_type: 'bEARER' }),
  ],
  'token-type-array': ['token_type is an array with Bearer.', withFields({ token_type: ['Bearer'] })],
  'token-no-type': ['token_type is missing.', withFields({ token_type: undefined })],
  'token-no-expires-in': ['expires_in is missing, which is allowed.', withFields({ expires_in: undefined })],
  'token-expires-in-text': ['expires_in is a word.', withFields({ expires_in: 'soon' })],
  'token-expires-in-endless': ['expires_in is 1e300, which leads to no date.', withFields({ expires_in: 1e300 })],
  'token-access-token-number': ['access_token is the number 5.', withFields({ access_token: 5 })],
  'token-refresh-token-object': ['refresh_token is {}.', withFields({ refresh_token: {} })],
  'token-no-access-token': ['access_token is missing.', withFields({ access_token: undefined })],
  'token-no-refresh-token': ['refresh_token is missing.', withFields({ refresh_token: undefined })],
  'token-no-scope': ['scope is missing: what was asked is granted.', withFields({ scope: undefined })],
  'token-empty-scope': ['scope is empty.', withFields({ scope: '' })],
} as const satisfies FaultTable<FlawedAnswer>;
