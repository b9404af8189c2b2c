import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { webApp } from '../src/seed/apps.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { DemoApp } from './DemoApp.ts';

let tenant: RunningTenant;
let app: DemoApp;
let keys: ReturnType<typeof createRemoteJWKSet>;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
  keys = createRemoteJWKSet(new URL(`${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`));
});
afterEach(() => tenant.control('reset'));
afterAll(() => tenant.stop());

const arm = (name: string, times = 1) => tenant.control('faults', { name, times });
const signIn = () => new TenantBrowser().signIn(app.authorizeUrl(), 'alice@example.com', seededPassword);

async function idTokenWith(fault: string): Promise<string> {
  await arm(fault);
  const { status, body } = await app.redeem(await signIn());
  expect(status).toBe(200);
  return String(body.id_token);
}

test('a fault shows as many times as it was armed for', async () => {
  const answer = await signIn();
  await arm('token-500', 2);
  const statuses = [];
  for (const _ of [1, 2, 3]) statuses.push((await app.redeem(answer)).status);
  expect(statuses).toEqual([500, 500, 200]);
});

test.each([
  ['token-429', 429],
  ['token-html', 200],
  ['token-empty', 200],
  ['token-redirect-307', 307],
])('%s answers %i without tokens', async (fault, status) => {
  await arm(fault);
  const answer = await app.redeem(await signIn());
  expect(answer.status).toBe(status);
  expect(answer.body.access_token).toBeUndefined();
  expect(answer.headers.get('retry-after')).toBe(fault === 'token-429' ? '30' : null);
  expect(answer.headers.get('location')).toBe(fault === 'token-redirect-307' ? '/elsewhere' : null);
});

test('token-slow holds the answer until the app gives up', async () => {
  await arm('token-slow');
  const url = `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`;
  const call = fetch(url, { method: 'POST', body: new URLSearchParams(), signal: AbortSignal.timeout(200) });
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('without a fault the ID token verifies', async () => {
  const { body } = await app.redeem(await signIn());
  const { payload } = await jwtVerify(String(body.id_token), keys, { audience: webApp.clientId });
  expect(payload.nonce).toBe('the-nonce');
});

test('id-token-alg-none and id-token-wrong-signature do not verify', async () => {
  const unsigned = await idTokenWith('id-token-alg-none');
  expect(decodeProtectedHeader(unsigned).alg).toBe('none');
  expect(unsigned.endsWith('.')).toBe(true);
  const broken = await idTokenWith('id-token-wrong-signature');
  await expect(jwtVerify(broken, keys)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
});

test.each([
  ['id-token-wrong-issuer', 'iss'],
  ['id-token-wrong-audience', 'aud'],
  ['id-token-wrong-nonce', 'nonce'],
  ['id-token-wrong-tid', 'tid'],
  ['id-token-other-sub', 'sub'],
])('%s changes %s only, under a good signature', async (fault, claim) => {
  const sound = decodeJwt(await idTokenWith('no fault'));
  const { payload } = await jwtVerify(await idTokenWith(fault), keys);
  const stable = ['iss', 'aud', 'nonce', 'tid', 'sub', 'oid', 'ver', 'name'];
  expect(stable.filter((name) => payload[name] !== sound[name])).toEqual([claim]);
});

test('id-token-expired and id-token-missing', async () => {
  const expired = await idTokenWith('id-token-expired');
  await expect(jwtVerify(expired, keys)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  await arm('id-token-missing');
  expect((await app.redeem(await signIn())).body).not.toHaveProperty('id_token');
});

test('the metadata and the keys fail when armed, once', async () => {
  await arm('discovery-500');
  expect((await fetch(tenant.metadataUrl)).status).toBe(500);
  await arm('discovery-wrong-issuer');
  expect(await (await fetch(tenant.metadataUrl)).json()).toMatchObject({
    issuer: expect.not.stringContaining(tenant.tenantId),
  });
  await arm('keys-500');
  const keysUrl = `${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`;
  expect([(await fetch(keysUrl)).status, (await fetch(keysUrl)).status]).toEqual([500, 200]);
});
