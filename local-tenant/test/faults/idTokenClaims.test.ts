import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webApp } from '../../src/seed/apps.ts';
import { claimsOf } from '../DemoApp.ts';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
let keys: ReturnType<typeof createRemoteJWKSet>;
let sound: Record<string, unknown>;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
  keys = createRemoteJWKSet(new URL(`${faulty.tenant.origin}/${faulty.tenant.tenantId}/discovery/v2.0/keys`));
  sound = claimsOf(await faulty.app.redeem(await faulty.signIn()), 'id_token');
});
afterAll(() => faulty.tenant.stop());

const stable = ['iss', 'aud', 'nonce', 'tid', 'sub', 'oid', 'ver', 'name', 'azp', 'preferred_username', 'at_hash'];
const otherTenant = '99999999-9999-4999-8999-999999999999';

async function payloadWith(fault: string): Promise<Record<string, unknown>> {
  const { status, body } = await faulty.redeemWith(fault);
  expect(status).toBe(200);
  // All these tokens are long valid by their times for a clock at 1970.
  const options = { currentDate: new Date(0), clockTolerance: 1e12 };
  const [, payload = ''] = String(body.id_token).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const isNumeric = ['exp', 'nbf', 'iat'].every(
    (name) => [undefined, 'number'].includes(typeof claims[name]) || !(name in claims),
  );
  if (isNumeric) await jwtVerify(String(body.id_token), keys, options);
  return claims;
}

test.each<[string, string, unknown]>([
  ['id-token-wrong-issuer', 'iss', `https://${otherTenant}.ciamlogin.com/${otherTenant}/v2.0`],
  ['id-token-no-issuer', 'iss', undefined],
  ['id-token-wrong-audience', 'aud', otherTenant],
  ['id-token-audience-array', 'aud', [webApp.clientId]],
  ['id-token-second-audience', 'aud', [webApp.clientId, otherTenant]],
  ['id-token-other-azp', 'azp', otherTenant],
  ['id-token-no-audience', 'aud', undefined],
  ['id-token-wrong-nonce', 'nonce', 'a-nonce-of-another-sign-in'],
  ['id-token-nonce-one-more', 'nonce', 'the-nonce1'],
  ['id-token-nonce-array', 'nonce', ['the-nonce']],
  ['id-token-no-nonce', 'nonce', undefined],
  ['id-token-other-sub', 'sub', 'the-subject-of-somebody-else'],
  ['id-token-empty-sub', 'sub', ''],
  ['id-token-sub-number', 'sub', 5],
  ['id-token-sub-object', 'sub', {}],
  ['id-token-no-sub', 'sub', undefined],
  ['id-token-wrong-tid', 'tid', otherTenant],
  ['id-token-no-tid', 'tid', undefined],
  ['id-token-no-oid', 'oid', undefined],
  ['id-token-other-oid', 'oid', otherTenant],
  ['id-token-wrong-at-hash', 'at_hash', 'YW5vdGhlciBhY2Nlc3MgdG9r'],
  ['id-token-version-1', 'ver', '1.0'],
])('%s: %s is %j, under a good signature, and all else as ever', async (fault, claim, value) => {
  const payload = await payloadWith(fault);
  expect(payload[claim]).toEqual(value);
  const changed = stable.filter((name) => JSON.stringify(payload[name]) !== JSON.stringify(sound[name]));
  expect(changed).toEqual([claim]);
});

test.each([
  ['id-token-issuer-one-more', 'iss', '1'],
  ['id-token-issuer-slash', 'iss', '/'],
  ['id-token-audience-one-more', 'aud', '1'],
  ['id-token-sub-one-more', 'sub', '1'],
])('%s: %s has %s at its end', async (fault, claim, suffix) => {
  expect((await payloadWith(fault))[claim]).toBe(`${sound[claim]}${suffix}`);
});

test('id-token-issuer-array: iss is a list with the right one', async () => {
  expect((await payloadWith('id-token-issuer-array')).iss).toEqual([sound.iss]);
});

test.each([
  ['id-token-expired', 'exp', -3900],
  ['id-token-expired-a-minute', 'exp', -61],
  ['id-token-not-yet-valid', 'nbf', 600],
  ['id-token-week-old', 'iat', -7 * 86_400],
  ['id-token-from-future', 'iat', 600],
])('%s: %s is %i seconds from now', async (fault, claim, offset) => {
  const before = Date.now() / 1000;
  const seconds = Number((await payloadWith(fault))[claim]) - offset;
  expect(seconds).toBeGreaterThan(before - 2);
  expect(seconds).toBeLessThan(Date.now() / 1000 + 2);
});

test.each([
  ['id-token-no-expiry', 'exp', 'undefined'],
  ['id-token-expiry-text', 'exp', 'string'],
  ['id-token-expiry-null', 'exp', 'object'],
  ['id-token-no-issue-time', 'iat', 'undefined'],
])('%s: %s is of the type %s', async (fault, claim, type) => {
  expect(typeof (await payloadWith(fault))[claim]).toBe(type);
});
