import { type FlawedAnswer, withFields } from './badAnswers.ts';
import type { FaultTable } from './fault.ts';

/** Required checks that the token endpoint skips. */
export const leniencies = {
  'token-any-verifier': ['A code is redeemed with any code_verifier (RFC 9700, section 2.1.1).', true],
} as const satisfies FaultTable<true>;

export const tokenAnswerFaults = {
  'token-500-with-tokens': ['Status 500 with a correct body.', (response, sound) => response.status(500).json(sound)],
  'token-type-mac': ['token_type is mac.', withFields({ token_type: 'mac' })],
  'token-type-mixed-case': [
    'token_type is bEARER, which equals Bearer (RFC 6749, section 5.1).',
    withFields({ token_type: 'bEARER' }),
  ],
  'token-type-array': ['token_type is an array with Bearer.', withFields({ token_type: ['Bearer'] })],
  'token-no-type': ['token_type is missing.', withFields({ token_type: undefined })],
  'token-no-expires-in': ['expires_in is missing, which is allowed.', withFields({ expires_in: undefined })],
  'token-expires-in-text': ['expires_in is a word.', withFields({ expires_in: 'soon' })],
  'token-expires-in-endless': ['expires_in is 1e300, which is not a valid date.', withFields({ expires_in: 1e300 })],
  'token-access-token-number': ['access_token is the number 5.', withFields({ access_token: 5 })],
  'token-refresh-token-object': ['refresh_token is {}.', withFields({ refresh_token: {} })],
  'token-no-access-token': ['access_token is missing.', withFields({ access_token: undefined })],
  'token-no-refresh-token': ['refresh_token is missing.', withFields({ refresh_token: undefined })],
  'token-no-scope': [
    'scope is missing, which means that all requested scopes are granted.',
    withFields({ scope: undefined }),
  ],
  'token-empty-scope': ['scope is empty.', withFields({ scope: '' })],
} as const satisfies FaultTable<FlawedAnswer>;
