import { type Module, notApplicable, played, refusedByDesign } from './module.ts';

const rejectToken = 'reject the ID token and call nothing more';
const rejectAnswer = 'reject the answer and send the code nowhere';
const accept = 'finish the sign-in';
const noSenderConstraint =
  'The metadata of an external tenant offers no pushed authorization requests, DPoP or certificate-bound tokens, without which the profile has no happy path.';
const noJarm = 'Entra External ID signs no authorization responses (JARM).';
const noGrantManagement = 'Entra External ID has no grant management.';

/** FAPI 2.0 modules that also apply to a plain OpenID Connect client. */
export const fapi2: readonly Module[] = [
  played(
    'fapi2-security-profile-final-client-test-discovery-issuer-mismatch',
    'the issuer in the metadata has INVALID at its end',
    'stop before the authorization request',
  ),
  played('fapi2-security-profile-final-client-test-invalid-iss', 'iss has one character more', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-aud', 'aud has one character more', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-secondary-aud', 'aud has a second value', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-null-alg', 'the ID token is unsigned', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-alternate-alg', 'a sound signature of PS256', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-expired-exp', 'exp is past', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-missing-exp', 'there is no exp', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-missing-aud', 'there is no aud', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-missing-iss', 'there is no iss', rejectToken),
  played('fapi2-security-profile-final-client-test-valid-aud-as-array', 'aud is an array of one', accept),
  played('fapi2-security-profile-final-client-test-invalid-nonce', 'nonce has one character more', rejectToken),
  played('fapi2-security-profile-final-client-test-invalid-missing-nonce', 'there is no nonce', rejectToken),
  played(
    'fapi2-security-profile-final-client-test-invalid-authorization-response-iss',
    'iss of the answer has one character more',
    rejectAnswer,
  ),
  played(
    'fapi2-security-profile-final-client-test-remove-authorization-response-iss',
    'the metadata promises an iss and the answer has none',
    rejectAnswer,
  ),
  played(
    'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails',
    'state has one character more',
    rejectAnswer,
  ),
  played(
    'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails',
    'there is no state',
    rejectAnswer,
  ),
  played(
    'fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in',
    'the token answer has no expires_in',
    accept,
  ),
  played(
    'fapi2-security-profile-final-client-test-token-type-case-insensitivity',
    'token_type is bEARER',
    'take it for Bearer',
  ),
  refusedByDesign(
    'fapi2-security-profile-final-client-refresh-token-test',
    'the API answers 401 until the access token was refreshed twice',
    'refresh twice',
    'The app refreshes once a page and then asks the customer to sign in, so that a broken API makes it ask no more.',
  ),
];

/** FAPI 1.0 modules that FAPI 2.0 lacks. */
export const fapi1: readonly Module[] = [
  played('fapi1-advanced-final-client-test-iat-is-week-in-past', 'iat is a week ago', rejectToken),
  played('fapi1-advanced-final-client-test-invalid-signature', 'the signature is broken', rejectToken),
  played(
    'fapi1-advanced-final-client-test-no-scope-in-token-endpoint-response',
    'the token answer has no scope',
    'take it that all it asked for is granted',
  ),
  played('fapi1-advanced-final-client-test-missing-athash', 'the ID token has no at_hash', accept),
];

const dpop = 'sender-constrained tokens';

/** The rest of the FAPI 2.0 plans. */
export const fapi2Rest: readonly Module[] = [
  ...['happy-path', 'happy-path-no-dpop-nonce', 'happy-path-no-mtls-endpoint-aliases'].map((name) =>
    notApplicable(`fapi2-security-profile-final-client-test-${name}`, dpop, accept, noSenderConstraint),
  ),
  notApplicable(
    'fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity',
    'the API writes DPoP in another case',
    'take it for DPoP',
    noSenderConstraint,
  ),
  ...[
    'without-iss-fails',
    'with-invalid-iss-fails',
    'without-aud-fails',
    'with-invalid-aud-fails',
    'without-exp-fails',
    'with-expired-exp-fails',
    'with-invalid-sig-fails',
    'signature-is-not-none',
  ].map((name) =>
    notApplicable(
      `fapi2-security-profile-final-client-test-ensure-jarm-${name}`,
      'a wrong signed authorization response',
      rejectAnswer,
      noJarm,
    ),
  ),
  ...['happy-path', 'query-and-revoke', 'invalid-grant-id-fails'].map((name) =>
    notApplicable(
      `fapi2-security-profile-final-client-test-grant-management-${name}`,
      'grant management',
      'manage its grant',
      noGrantManagement,
    ),
  ),
];
