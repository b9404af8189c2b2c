import { afterAll, beforeAll, test } from 'vitest';
import { Player } from './player.ts';

let player: Player;
beforeAll(async () => {
  player = await Player.start();
});
afterAll(() => player.system.stop());

const unexpected = (claim: string) => `unexpected "${claim}" claim value`;
const missing = (claim: string) => `missing required "${claim}" claim`;
const algorithm = '"alg" (Algorithm) Header Parameter value not allowed';
const signature = 'signature verification failed';
const anotherNonce = 'nonce_mismatch';

test.each([
  ['oidcc-client-test-invalid-iss', 'id-token-issuer-one-more', unexpected('iss')],
  ['oidcc-client-test-missing-sub', 'id-token-no-sub', missing('sub')],
  ['oidcc-client-test-invalid-aud', 'id-token-audience-one-more', unexpected('aud')],
  ['oidcc-client-test-missing-aud', 'id-token-no-audience', missing('aud')],
  ['oidcc-client-test-missing-iat', 'id-token-no-issue-time', missing('iat')],
  ['oidcc-client-test-nonce-invalid', 'id-token-nonce-one-more', anotherNonce],
  ['oidcc-client-test-idtoken-sig-none', 'id-token-alg-none', algorithm],
  ['oidcc-client-test-invalid-sig-rs256', 'id-token-wrong-signature', signature],
  ['oidcc-client-test-invalid-sig-hs256', 'id-token-hs256', algorithm],
  ['oidcc-client-test-invalid-sig-es256', 'id-token-es256', algorithm],
  ['fapi2-security-profile-final-client-test-invalid-iss', 'id-token-issuer-one-more', unexpected('iss')],
  ['fapi2-security-profile-final-client-test-invalid-missing-iss', 'id-token-no-issuer', missing('iss')],
  ['fapi2-security-profile-final-client-test-invalid-aud', 'id-token-audience-one-more', unexpected('aud')],
  ['fapi2-security-profile-final-client-test-invalid-missing-aud', 'id-token-no-audience', missing('aud')],
  [
    'fapi2-security-profile-final-client-test-invalid-secondary-aud',
    'id-token-second-audience',
    'aud names another audience as well',
  ],
  ['fapi2-security-profile-final-client-test-invalid-null-alg', 'id-token-alg-none', algorithm],
  ['fapi2-security-profile-final-client-test-invalid-alternate-alg', 'id-token-ps256', algorithm],
  [
    'fapi2-security-profile-final-client-test-invalid-expired-exp',
    'id-token-expired',
    '"exp" claim timestamp check failed',
  ],
  ['fapi2-security-profile-final-client-test-invalid-missing-exp', 'id-token-no-expiry', missing('exp')],
  ['fapi2-security-profile-final-client-test-invalid-nonce', 'id-token-nonce-one-more', anotherNonce],
  ['fapi2-security-profile-final-client-test-invalid-missing-nonce', 'id-token-no-nonce', anotherNonce],
  [
    'fapi1-advanced-final-client-test-iat-is-week-in-past',
    'id-token-week-old',
    '"iat" claim timestamp check failed (too far in the past)',
  ],
  ['fapi1-advanced-final-client-test-invalid-signature', 'id-token-wrong-signature', signature],
])('%s', async (_name, fault, reason) => {
  await player.expectTokenRefused(await player.signIn(fault), reason);
});

test('fapi2-security-profile-final-client-test-valid-aud-as-array', async () => {
  await player.expectSignedIn(await player.signIn('id-token-audience-array'));
});
