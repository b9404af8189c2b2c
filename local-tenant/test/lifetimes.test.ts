import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { terminal } from '../src/seed/apps.ts';
import { seededCustomers, seededPassword } from '../src/seed/customers.ts';
import { seed } from '../src/seed/seed.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';

const [alice] = seededCustomers;
let tenant: RunningTenant;
let app: DemoApp;
let browser: TenantBrowser;
beforeEach(async () => {
  const optionalClaims = { idToken: ['auth_time'] };
  tenant = await startDocumentTenant({ apps: seed.apps?.map((written) => ({ ...written, optionalClaims })) ?? [] });
  app = new DemoApp(tenant);
  browser = new TenantBrowser();
});
afterEach(() => tenant.stop());

const signIn = () => browser.signIn(app.authorizeUrl(), alice.email, seededPassword);
const goOnHours = (hours: number) => tenant.control('clock', { advanceSeconds: hours * 3600 });
const silently = async (changes: object = {}) =>
  (await browser.open(app.authorizeUrl({ prompt: 'none', ...changes }))).url.searchParams;

test('a session lives on for 24 hours after each use', async () => {
  await signIn();
  await goOnHours(20);
  expect((await silently()).has('code')).toBe(true);
  await goOnHours(20);
  expect((await silently()).has('code')).toBe(true);
  await goOnHours(25);
  expect((await silently()).get('error')).toBe('login_required');
});

test('a refresh token that was used leaves one that lives for 90 days from then', async () => {
  const refresh = (token: unknown) => app.askTokens({ grant_type: 'refresh_token', refresh_token: String(token) });
  const first = (await app.redeem(await signIn())).body.refresh_token;
  await goOnHours(80 * 24);
  const second = (await refresh(first)).body.refresh_token;
  await goOnHours(20 * 24);
  expect((await refresh(first)).body.error_codes).toEqual([700082]);
  expect((await refresh(second)).status).toBe(200);
});

test('max_age asks for credentials again where the last ones are older', async () => {
  await signIn();
  await goOnHours(1);
  expect((await silently({ max_age: '7200' })).has('code')).toBe(true);
  expect((await silently({ max_age: '1800' })).get('error')).toBe('login_required');
  expect((await browser.open(app.authorizeUrl({ max_age: '1800' }))).html).toContain('name="email"');
});

test('auth_time is when the customer gave credentials, by the clock that dates the tokens', async () => {
  await goOnHours(5);
  const start = Math.floor(Date.now() / 1000) + 5 * 3600;
  const answer = await signIn();
  await tenant.control('clock', { advanceSeconds: 300 });
  const { auth_time, iat } = claimsOf(await app.redeem(answer), 'id_token');
  expect(auth_time).toBeGreaterThanOrEqual(start);
  // A token is dated five minutes back, which is as far as the clock was moved after the sign-in.
  expect(auth_time).toBeLessThanOrEqual(Number(iat));
  await goOnHours(1);
  expect(claimsOf(await app.redeem(await signIn()), 'id_token').auth_time).toBe(auth_time);
});

test('a device that is let in later has the auth_time of the session', async () => {
  await goOnHours(5);
  const { auth_time } = claimsOf(await app.redeem(await signIn()), 'id_token');
  await goOnHours(1);
  const { origin, tenantId } = tenant;
  const client_id = terminal.clientId;
  const body = new URLSearchParams({ client_id, scope: 'openid' });
  const device = await fetch(`${origin}/${tenantId}/oauth2/v2.0/devicecode`, { method: 'POST', body });
  const { user_code, device_code } = JSON.parse(await device.text());
  const confirmation = await browser.submit(await browser.open(`${origin}/common/oauth2/deviceauth`), { user_code });
  await browser.submit(confirmation, {});
  const poll = { grant_type: 'device_code', device_code, client_id, client_secret: undefined };
  expect(claimsOf(await app.askTokens(poll), 'id_token').auth_time).toBe(auth_time);
});
