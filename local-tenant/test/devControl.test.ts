import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { faultNames } from '../src/faults/Faults.ts';
import { webApp } from '../src/seed/apps.ts';
import { seededCustomers, seededPassword } from '../src/seed/customers.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';

const [alice] = seededCustomers;
let tenant: RunningTenant;
let app: DemoApp;
beforeEach(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterEach(() => tenant.stop());

const signIn = () => new TenantBrowser().signIn(app.authorizeUrl(), alice.email, seededPassword);
const refresh = (token: unknown) => app.askTokens({ grant_type: 'refresh_token', refresh_token: String(token) });

test('the clock moves past the end of codes and refresh tokens, and new ones are good', async () => {
  const answer = await signIn();
  const { body } = await app.redeem(await signIn());
  await tenant.control('clock', { advanceSeconds: 601 });
  expect((await app.redeem(answer)).body.error_codes).toEqual([70008]);
  expect((await refresh(body.refresh_token)).status).toBe(200);
  await tenant.control('clock', { advanceSeconds: 90 * 86_400 });
  expect((await refresh(body.refresh_token)).body.error_codes).toEqual([700082]);
  const later = await app.redeem(await signIn());
  expect(later.status).toBe(200);
  expect(Number(claimsOf(later, 'id_token').iat)).toBeGreaterThan(Date.now() / 1000 + 89 * 86_400);
});

test('the clock moves past the end of the session', async () => {
  const browser = new TenantBrowser();
  await browser.signIn(app.authorizeUrl(), alice.email, seededPassword);
  await tenant.control('clock', { advanceSeconds: 86_401 });
  expect((await browser.open(app.authorizeUrl())).html).toContain('name="email"');
});

test('the lifetime of access tokens can be set, and made random again', async () => {
  await tenant.control('access-token-lifetime', { seconds: 7 });
  const short = await app.redeem(await signIn());
  expect(short.body.expires_in).toBe(7);
  await tenant.control('access-token-lifetime', { seconds: null });
  expect((await refresh(short.body.refresh_token)).body.expires_in).toBeGreaterThanOrEqual(3600);
});

test('revoked refresh tokens are refused with 50173, those of a later sign-in are good', async () => {
  const { body } = await app.redeem(await signIn());
  expect((await tenant.control('revoke', { email: 'ALICE@example.com' })).status).toBe(204);
  const refused = await refresh(body.refresh_token);
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] });
  const next = await app.redeem(await signIn());
  expect((await refresh(next.body.refresh_token)).status).toBe(200);
});

test('after a rotation a new key signs, and tokens of the old key still verify', async () => {
  const old = String((await app.redeem(await signIn())).body.id_token);
  await tenant.control('rotate-keys');
  const fresh = String((await app.redeem(await signIn())).body.id_token);
  expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid);
  const keys = createRemoteJWKSet(new URL(`${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`));
  for (const token of [old, fresh]) await jwtVerify(token, keys, { audience: webApp.clientId });
});

test('reset forgets customers, sessions, tokens, mail, faults and the clock', async () => {
  const browser = new TenantBrowser();
  const account = { email: 'xena@example.com', password: 'A-good-one-7', displayName: 'Xena' };
  const { body } = await app.redeem(await browser.signUp(app.authorizeUrl(), account));
  await tenant.control('faults', { name: 'token-500', times: 5 });
  await tenant.control('clock', { advanceSeconds: 500 });
  expect((await tenant.control('reset')).status).toBe(204);
  expect((await refresh(body.refresh_token)).body.error_codes).toEqual([70000]);
  expect((await browser.open(app.authorizeUrl())).html).toContain('name="email"');
  expect(await (await fetch(`${tenant.origin}/inbox.json`)).json()).toEqual([]);
  expect((await app.redeem(await signIn())).status).toBe(200);
});

test.each([
  ['faults', { name: 'no-such-fault', times: 1 }],
  ['faults', { name: 'token-500', times: -1 }],
  ['clock', { advanceSeconds: 'soon' }],
  ['clock', {}],
  ['access-token-lifetime', { seconds: 0 }],
  ['revoke', {}],
  ['revoke', { email: 'nobody@example.com' }],
])('/dev/%s refuses %j and names the problem', async (command, body) => {
  const response = await tenant.control(command, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ problem: expect.stringMatching(/→ at \w+/) });
});

test('an unknown fault is answered with the names of all', async () => {
  const response = await tenant.control('faults', { name: 'no-such-fault', times: 1 });
  const { problem } = JSON.parse(await response.text());
  expect(faultNames.filter((name) => !problem.includes(`"${name}"`))).toEqual([]);
});

test('a form of another site cannot give commands', async () => {
  const response = await fetch(`${tenant.origin}/dev/reset`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
  expect(response.status).toBe(415);
});
