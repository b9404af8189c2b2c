import { afterAll, beforeAll, test } from 'vitest';
import { Player } from './player.ts';

let player: Player;
beforeAll(async () => {
  player = await Player.start();
});
afterAll(() => player.system.stop());

test.each([
  ['oidcc-client-test-invalid-iss', 'id-token-issuer-one-more'],
  ['oidcc-client-test-missing-sub', 'id-token-no-sub'],
  ['oidcc-client-test-invalid-aud', 'id-token-audience-one-more'],
  ['oidcc-client-test-missing-aud', 'id-token-no-audience'],
  ['oidcc-client-test-missing-iat', 'id-token-no-issue-time'],
  ['oidcc-client-test-nonce-invalid', 'id-token-nonce-one-more'],
  ['oidcc-client-test-idtoken-sig-none', 'id-token-alg-none'],
  ['oidcc-client-test-invalid-sig-rs256', 'id-token-wrong-signature'],
  ['oidcc-client-test-invalid-sig-hs256', 'id-token-hs256'],
  ['oidcc-client-test-invalid-sig-es256', 'id-token-es256'],
  ['fapi2-security-profile-final-client-test-invalid-iss', 'id-token-issuer-one-more'],
  ['fapi2-security-profile-final-client-test-invalid-missing-iss', 'id-token-no-issuer'],
  ['fapi2-security-profile-final-client-test-invalid-aud', 'id-token-audience-one-more'],
  ['fapi2-security-profile-final-client-test-invalid-missing-aud', 'id-token-no-audience'],
  ['fapi2-security-profile-final-client-test-invalid-secondary-aud', 'id-token-second-audience'],
  ['fapi2-security-profile-final-client-test-invalid-null-alg', 'id-token-alg-none'],
  ['fapi2-security-profile-final-client-test-invalid-alternate-alg', 'id-token-ps256'],
  ['fapi2-security-profile-final-client-test-invalid-expired-exp', 'id-token-expired'],
  ['fapi2-security-profile-final-client-test-invalid-missing-exp', 'id-token-no-expiry'],
  ['fapi2-security-profile-final-client-test-invalid-nonce', 'id-token-nonce-one-more'],
  ['fapi2-security-profile-final-client-test-invalid-missing-nonce', 'id-token-no-nonce'],
  ['fapi1-advanced-final-client-test-iat-is-week-in-past', 'id-token-week-old'],
  ['fapi1-advanced-final-client-test-invalid-signature', 'id-token-wrong-signature'],
])('%s', async (_name, fault) => {
  await player.expectTokenRefused(await player.signIn(fault));
});

test('fapi2-security-profile-final-client-test-valid-aud-as-array', async () => {
  await player.expectSignedIn(await player.signIn('id-token-audience-array'));
});
