import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';
import { failuresIn } from '../web/callbackSteps.ts';
import { expectNothingTwice, type FaultySignIn } from './faultySignIn.ts';

let system: System;
let parts: FaultySignIn;
beforeAll(async () => {
  const records = new WatchedKeyValueStore();
  system = await startSystem({}, records);
  // On a busy machine the tenant needs seconds to generate a rogue key.
  const tenantHttp = createHttpClient({ timeoutMs: 30_000, maxBodyBytes: 256 * 1024 });
  const webUrl = await system.startWeb({}, { tenantHttp });
  parts = { system, webUrl, records, browser: await system.signedIn('alice@example.com') };
});
afterAll(() => system.stop());

/** Expects that both sign-ins with the fault are refused for this reason. */
const refused = (reason: RegExp) => async (fault: string) => {
  const lines = system.logged.length;
  await expectNothingTwice(fault, parts);
  expect(failuresIn(system.logged.slice(lines))).toEqual(Array(2).fill(expect.stringMatching(reason)));
};

const algorithm = /"alg" \(Algorithm\)/;

describe('a sign-in with an invalid ID token', () => {
  test.each(['id-token-no-signature', 'id-token-wrong-signature'])(
    'A-28 is refused: %s',
    refused(/signature verification failed/),
  );

  test.each(['id-token-alg-none', 'id-token-no-alg'])('A-28 is refused: %s', refused(algorithm));

  test.each(['id-token-not-a-token', 'id-token-payload-array', 'id-token-payload-null'])('is refused: %s', (fault) =>
    expectNothingTwice(fault, parts),
  );

  test('A-29 is refused: id-token-rogue-key', () => refused(/signature verification failed/)('id-token-rogue-key'));

  test.each(['id-token-unknown-kid', 'id-token-no-kid'])('A-29 is refused: %s', refused(/\bkeys? found/));

  test.each(['id-token-hs256', 'id-token-hs256-client-secret'])('A-30 is refused: %s', refused(algorithm));

  test.each(['id-token-rs384', 'id-token-ps256', 'id-token-es256'])('is refused: %s', refused(algorithm));

  test.each(['id-token-typ-access-token', 'id-token-typ-logout-token'])('is refused: %s', refused(/typ/));

  test.each([
    ...['id-token-wrong-issuer', 'id-token-issuer-one-more', 'id-token-issuer-slash', 'id-token-issuer-array'],
    'id-token-no-issuer',
  ])('A-31 is refused: %s', refused(/"iss" claim/));

  test.each(['id-token-wrong-audience', 'id-token-audience-one-more', 'id-token-second-audience'])(
    'A-32 is refused: %s',
    refused(/\baud\b/),
  );

  test.each(['id-token-other-azp'])('A-32 is refused: %s', refused(/azp is another client/));

  test.each(['id-token-no-audience'])('A-33 is refused: %s', refused(/"aud" claim/));

  test.each([
    ...['id-token-expired', 'id-token-expired-a-minute', 'id-token-no-expiry', 'id-token-expiry-text'],
    ...['id-token-expiry-null', 'id-token-expiry-infinite'],
  ])('A-34 is refused: %s', refused(/\bexp\b/));

  test.each(['id-token-not-yet-valid'])('A-35 is refused: %s', refused(/"nbf" claim/));

  test.each(['id-token-no-issue-time', 'id-token-week-old', 'id-token-from-future'])(
    'A-36 is refused: %s',
    refused(/"iat" claim/),
  );

  test.each(['id-token-wrong-nonce', 'id-token-nonce-one-more', 'id-token-nonce-array', 'id-token-no-nonce'])(
    'A-37 is refused: %s',
    refused(/nonce/),
  );

  test.each(['id-token-no-sub', 'id-token-empty-sub', 'id-token-sub-number', 'id-token-sub-object'])(
    'A-38 is refused: %s',
    refused(/\bsub\b/),
  );

  test.each(['id-token-wrong-tid', 'id-token-no-tid', 'id-token-no-oid'])('A-39 is refused: %s', refused(/\b[to]id\b/));

  test.each(['id-token-version-1'])('A-40 is refused: %s', refused(/\bver\b/));

  test('is refused when its at_hash is that of another access token', () =>
    refused(/at_hash/)('id-token-wrong-at-hash'));
});
