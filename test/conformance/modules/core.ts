import { type Module, notApplicable, played, refusedByDesign } from './module.ts';

const acceptIt = 'finish the sign-in';
const rejectIt = 'reject the ID token and ask for nothing more';
const noUserInfo = 'The app takes the claims from the ID token and never calls the UserInfo endpoint.';
const codeFlow = 'The app uses the code flow alone, with PKCE.';
const noRegistration =
  'Entra External ID has no dynamic registration and no WebFinger: apps are registered by configure.';
const noRequestObject = 'Entra External ID takes no request object (request_uri_parameter_supported is false).';

export const basic: readonly Module[] = [
  played('oidcc-client-test', 'nothing wrong', 'ask with openid in scope and the registered redirect URI, and finish'),
  played('oidcc-client-test-invalid-iss', 'iss has one character more', rejectIt),
  played('oidcc-client-test-missing-sub', 'there is no sub', rejectIt),
  played('oidcc-client-test-invalid-aud', 'aud has one character more', rejectIt),
  played('oidcc-client-test-missing-iat', 'there is no iat', rejectIt),
  played('oidcc-client-test-kid-absent-single-jwks', 'one key and a token, both without kid', acceptIt),
  played(
    'oidcc-client-test-kid-absent-multiple-jwks',
    'several RSA keys and a token, all without kid',
    'reject the token or try every key; this app rejects it',
  ),
  played('oidcc-client-test-idtoken-sig-rs256', 'the ID token is signed with RS256', acceptIt),
  played('oidcc-client-test-idtoken-sig-none', 'the ID token is unsigned', 'accept or reject it; this app rejects it'),
  played('oidcc-client-test-invalid-sig-rs256', 'the signature is broken', rejectIt),
  notApplicable(
    'oidcc-client-test-userinfo-invalid-sub',
    'sub of the UserInfo answer is not that of the ID token',
    'discard the UserInfo answer',
    noUserInfo,
  ),
  played('oidcc-client-test-nonce-invalid', 'nonce has one character more', rejectIt),
  played('oidcc-client-test-scope-userinfo-claims', 'nothing wrong', 'ask for profile, email, phone or address'),
  refusedByDesign(
    'oidcc-client-test-client-secret-basic',
    'the token endpoint takes the secret by HTTP Basic only',
    'send it so',
    'MSAL Node sends the secret in the body, or signs an assertion with a certificate, which the app prefers.',
  ),
];

export const config: readonly Module[] = [
  played('oidcc-client-test-discovery-openid-config', 'nothing wrong', 'fetch the metadata and use it'),
  played(
    'oidcc-client-test-discovery-jwks-uri-keys',
    'jwks_uri is an address that was never used before',
    'fetch the keys there',
  ),
  played(
    'oidcc-client-test-discovery-issuer-mismatch',
    'the issuer in the metadata has INVALID at its end',
    'stop before the authorization request',
  ),
  played(
    'oidcc-client-test-signing-key-rotation-just-before-signing',
    'the keys are replaced just before the ID token is signed',
    'fetch the keys again and finish the sign-in',
  ),
  played(
    'oidcc-client-test-signing-key-rotation',
    'the keys are replaced between two sign-ins',
    'fetch the keys again for the second one and finish it',
  ),
];

export const dynamic: readonly Module[] = [
  notApplicable(
    'oidcc-client-test-discovery-webfinger-acct',
    'WebFinger for an acct: address',
    'discover the issuer',
    noRegistration,
  ),
  notApplicable(
    'oidcc-client-test-discovery-webfinger-url',
    'WebFinger for a URL',
    'discover the issuer',
    noRegistration,
  ),
  notApplicable('oidcc-client-test-dynamic-registration', 'a registration endpoint', 'register itself', noRegistration),
  notApplicable(
    'oidcc-client-test-request-uri-signed-rs256',
    'request objects by reference',
    'send a signed one',
    noRequestObject,
  ),
  notApplicable(
    'oidcc-client-test-request-uri-signed-none',
    'request objects by reference',
    'send an unsigned one',
    noRequestObject,
  ),
  notApplicable('oidcc-client-test-userinfo-signed', 'the UserInfo answer is signed', 'verify it', noUserInfo),
];

export const refresh: readonly Module[] = [
  played('oidcc-client-test-refresh-token', 'a refresh token', 'use it for new tokens'),
  played(
    'oidcc-client-test-refresh-token-invalid-issuer',
    'iss of the refreshed ID token has one character more',
    'reject the answer',
  ),
  played(
    'oidcc-client-test-refresh-token-invalid-sub',
    'sub of the refreshed ID token has one character more',
    'reject the answer',
  ),
];

/** The comprehensive plan's modules that are not listed above. */
export const comprehensive: readonly Module[] = [
  played('oidcc-client-test-missing-aud', 'there is no aud', rejectIt),
  played('oidcc-client-test-invalid-sig-hs256', 'a broken signature of HS256', rejectIt),
  played('oidcc-client-test-invalid-sig-es256', 'a signature of ES256', rejectIt),
  notApplicable('oidcc-client-test-userinfo-bearer-header', 'UserInfo', 'send the token in the header', noUserInfo),
  notApplicable('oidcc-client-test-userinfo-bearer-body', 'UserInfo', 'send the token in the body', noUserInfo),
  notApplicable('oidcc-client-test-nonce-unless-code-flow', 'implicit or hybrid flow', 'send a nonce', codeFlow),
  notApplicable('oidcc-client-test-missing-chash', 'c_hash is missing', rejectIt, codeFlow),
  notApplicable('oidcc-client-test-invalid-chash', 'c_hash is wrong', rejectIt, codeFlow),
  notApplicable('oidcc-client-test-missing-athash', 'at_hash is missing beside an access token', rejectIt, codeFlow),
  notApplicable('oidcc-client-test-invalid-athash', 'at_hash is wrong', rejectIt, codeFlow),
  notApplicable(
    'oidcc-client-test-form-post-error',
    'login_required is posted to the redirect URI',
    'show an error',
    'The app asks for response_mode=query; a POST to its redirect URI is 405.',
  ),
  notApplicable('oidcc-client-test-aggregated-claims', 'aggregated claims in UserInfo', 'read them', noUserInfo),
  notApplicable('oidcc-client-test-distributed-claims', 'distributed claims in UserInfo', 'fetch them', noUserInfo),
  notApplicable(
    'oidcc-client-test-mtls-endpoint-aliases',
    'endpoints for mutual TLS under other names',
    'use them',
    'The metadata of an external tenant names no such endpoints, and the app never authenticates by mutual TLS.',
  ),
];

export const thirdPartyInitiated: readonly Module[] = [
  notApplicable(
    'oidcc-client-test-3rd-party-init-login',
    'a link to initiate_login_uri with iss, login_hint and target_link_uri',
    'start a sign-in',
    'Entra External ID has no initiate_login_uri, and the app registers none: /auth/signin reads neither iss nor target_link_uri.',
  ),
];
