import type { Claims } from '../token/SigningKeys.ts';
import { type FaultTable, otherIssuer, otherTenantId } from './fault.ts';

/** Changes to the claims of an ID token; undefined removes one. The signature is valid. */
type ClaimsFault = (claims: Claims) => Claims;

const set =
  (changes: Claims): ClaimsFault =>
  () =>
    changes;

const drop = (name: string): ClaimsFault => set({ [name]: undefined });

/** Sets a time relative to the one at which the token was made, in seconds. */
const atSeconds =
  (name: string, offset: number): ClaimsFault =>
  ({ iat }) => ({ [name]: Number(iat) + 300 + offset });

const oneMore =
  (name: string): ClaimsFault =>
  (claims) => ({ [name]: `${claims[name]}1` });

const week = 7 * 86_400;

export const claimsFaults = {
  'id-token-wrong-issuer': ["iss is another tenant's.", set({ iss: otherIssuer })],
  'id-token-issuer-one-more': ['iss has one extra character.', oneMore('iss')],
  'id-token-issuer-slash': ['iss ends with a slash.', ({ iss }) => ({ iss: `${iss}/` })],
  'id-token-issuer-array': ['iss is an array with the right issuer.', ({ iss }) => ({ iss: [iss] })],
  'id-token-no-issuer': ['iss is missing.', drop('iss')],
  'id-token-wrong-audience': ["aud is another app's.", set({ aud: otherTenantId })],
  'id-token-audience-one-more': ['aud has one extra character.', oneMore('aud')],
  'id-token-audience-array': ['aud is an array with only the app, which is allowed.', ({ aud }) => ({ aud: [aud] })],
  'id-token-second-audience': [
    'aud is an array with another app as well, and there is no azp.',
    ({ aud }) => ({ aud: [aud, otherTenantId] }),
  ],
  'id-token-other-azp': ["azp is another app's.", set({ azp: otherTenantId })],
  'id-token-no-audience': ['aud is missing.', drop('aud')],
  'id-token-expired': [
    'exp was 65 minutes ago, and the token is a day old.',
    ({ iat }) => ({ iat: Number(iat) - 86_400, nbf: Number(iat) - 86_400, exp: Number(iat) - 3600 }),
  ],
  'id-token-expired-a-minute': ['exp was 61 seconds ago.', atSeconds('exp', -61)],
  'id-token-no-expiry': ['exp is missing.', drop('exp')],
  'id-token-expiry-text': ['exp is text.', ({ exp }) => ({ exp: String(exp) })],
  'id-token-expiry-null': ['exp is null.', set({ exp: null })],
  'id-token-not-yet-valid': ['nbf is 10 minutes ahead.', atSeconds('nbf', 600)],
  'id-token-no-issue-time': ['iat is missing.', drop('iat')],
  'id-token-week-old': ['iat is a week ago, and exp is an hour ahead.', atSeconds('iat', -week)],
  'id-token-from-future': ['iat is 10 minutes ahead.', atSeconds('iat', 600)],
  'id-token-wrong-nonce': ["nonce is another sign-in's.", set({ nonce: 'a-nonce-of-another-sign-in' })],
  'id-token-nonce-one-more': ['nonce has one extra character.', oneMore('nonce')],
  'id-token-nonce-array': ['nonce is an array with the right one.', ({ nonce }) => ({ nonce: [nonce] })],
  'id-token-no-nonce': ['nonce is missing.', drop('nonce')],
  'id-token-other-sub': ["sub is another customer's.", set({ sub: 'the-subject-of-somebody-else' })],
  'id-token-sub-one-more': ["sub has one extra character, so it is another customer's.", oneMore('sub')],
  'id-token-empty-sub': ['sub is empty.', set({ sub: '' })],
  'id-token-sub-number': ['sub is the number 5.', set({ sub: 5 })],
  'id-token-sub-object': ['sub is {}.', set({ sub: {} })],
  'id-token-no-sub': ['sub is missing.', drop('sub')],
  'id-token-wrong-tid': ["tid is another tenant's.", set({ tid: otherTenantId })],
  'id-token-no-tid': ['tid is missing.', drop('tid')],
  'id-token-no-oid': ['oid is missing.', drop('oid')],
  'id-token-other-oid': ["oid is another customer's.", set({ oid: otherTenantId })],
  'id-token-wrong-at-hash': ["at_hash is another access token's.", set({ at_hash: 'YW5vdGhlciBhY2Nlc3MgdG9r' })],
  'id-token-version-1': ['ver is 1.0.', set({ ver: '1.0' })],
} as const satisfies FaultTable<ClaimsFault>;
