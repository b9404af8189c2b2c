import type { Response } from 'express';
import type { FaultTable } from './fault.ts';

/** Sends a sound answer with a flaw in it; the code is spent by then. */
export type FlawedAnswer = (response: Response, sound: object) => unknown;

/** @param changes fields to set; undefined leaves one out */
const withFields =
  (changes: Readonly<Record<string, unknown>>): FlawedAnswer =>
  (response, sound) =>
    response.json({ ...sound, ...changes });

/** What is wrong with an answer that has tokens. */
export const tokenAnswerFaults = {
  'token-500-with-tokens': ['Status 500 with a sound body.', (response, sound) => response.status(500).json(sound)],
  'token-type-mac': ['token_type is mac.', withFields({ token_type: 'mac' })],
  'token-type-mixed-case': [
    'token_type is bEARER, which is the same as Bearer (RFC 6749, section 5.1).',
    withFields({ token_type: 'bEARER' }),
  ],
  'token-no-type': ['token_type is missing.', withFields({ token_type: undefined })],
  'token-no-expires-in': ['expires_in is missing, which is allowed.', withFields({ expires_in: undefined })],
  'token-expires-in-text': ['expires_in is a word.', withFields({ expires_in: 'soon' })],
  'token-no-access-token': ['access_token is missing.', withFields({ access_token: undefined })],
  'token-no-refresh-token': ['refresh_token is missing.', withFields({ refresh_token: undefined })],
  'token-no-scope': ['scope is missing: what was asked is granted.', withFields({ scope: undefined })],
  'token-empty-scope': ['scope is empty.', withFields({ scope: '' })],
} as const satisfies FaultTable<FlawedAnswer>;
