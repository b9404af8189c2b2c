import { type FaultTable, otherIssuer } from './fault.ts';

/** Changes the parameters with which a browser is sent back to an app, after a sign-in or a sign-out. */
export type AuthorizationFault = (answer: URLSearchParams, issuer: string) => void;

/** What is wrong with the answer to an authorization request that went well, in every `response_mode`. */
export const authorizationFaults = {
  'answer-wrong-issuer': [
    "iss names another tenant, as in a mix-up attack (RFC 9207); Entra's own answers have none.",
    (answer) => answer.set('iss', otherIssuer),
  ],
  'answer-issuer-one-more': [
    'iss is there and has one character more than the issuer.',
    (answer, issuer) => answer.set('iss', `${issuer}1`),
  ],
  'answer-repeated-state': ['state is there twice.', (answer) => answer.append('state', answer.get('state') ?? '')],
  'answer-wrong-state': ['state has one character more.', (answer) => answer.set('state', `${answer.get('state')}1`)],
  'answer-no-state': ['state is missing.', (answer) => answer.delete('state')],
  'answer-no-code': ['code is missing.', (answer) => answer.delete('code')],
  'answer-repeated-code': ['code is there twice.', (answer) => answer.append('code', answer.get('code') ?? '')],
  'answer-error-with-code': [
    'error stands beside a code.',
    (answer) => {
      answer.set('error', 'server_error');
      answer.set('error_description', 'AADSTS90033: A transient error has occurred. Please try again.');
    },
  ],
} as const satisfies FaultTable<AuthorizationFault>;

/** What is wrong with the way back to an app after a sign-out. */
export const logoutFaults = {
  'logout-wrong-state': ['state is not the one that was sent.', (answer) => answer.set('state', 'not-the-state')],
  'logout-no-state': ['state is missing.', (answer) => answer.delete('state')],
} as const satisfies FaultTable<AuthorizationFault>;
