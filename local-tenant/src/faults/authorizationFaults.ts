import { type FaultTable, otherIssuer } from './fault.ts';

/** Changes the parameters of the redirect to an app after a sign-in or sign-out. */
export type AuthorizationFault = (answer: URLSearchParams, issuer: string) => void;

/** Faults in the answer to a successful authorization request, in every `response_mode`. */
export const authorizationFaults = {
  'answer-wrong-issuer': [
    "iss names another tenant, as in a mix-up attack (RFC 9207); Entra's own answers have none.",
    (answer) => answer.set('iss', otherIssuer),
  ],
  'answer-issuer-one-more': [
    'iss is the issuer with one extra character.',
    (answer, issuer) => answer.set('iss', `${issuer}1`),
  ],
  'answer-repeated-state': ['state is repeated.', (answer) => answer.append('state', answer.get('state') ?? '')],
  'answer-wrong-state': ['state has one extra character.', (answer) => answer.set('state', `${answer.get('state')}1`)],
  'answer-no-state': ['state is missing.', (answer) => answer.delete('state')],
  'answer-no-code': ['code is missing.', (answer) => answer.delete('code')],
  'answer-repeated-code': ['code is repeated.', (answer) => answer.append('code', answer.get('code') ?? '')],
  'answer-error-with-code': [
    'There is both an error and a code.',
    (answer) => {
      answer.set('error', 'server_error');
      answer.set('error_description', 'AADSTS90033: A transient error has occurred. Please try again.');
    },
  ],
} as const satisfies FaultTable<AuthorizationFault>;

export const logoutFaults = {
  'logout-wrong-state': ['state is not the one that the app sent.', (answer) => answer.set('state', 'not-the-state')],
  'logout-no-state': ['state is missing.', (answer) => answer.delete('state')],
} as const satisfies FaultTable<AuthorizationFault>;
