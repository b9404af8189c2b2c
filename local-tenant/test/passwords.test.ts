import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { newestCode } from '../../test/support/TenantBrowser.ts';
import { webApp } from '../src/seed/apps.ts';
import { DemoApp, redirectUri } from './DemoApp.ts';
import { closed, FlowBrowser, startFlows } from './flows.ts';

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startFlows();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

async function atPasswordPage(email: string): Promise<FlowBrowser> {
  const browser = new FlowBrowser(tenant);
  await browser.open(app.authorizeUrl());
  await browser.press('Next', { email });
  return browser;
}

async function forgetPassword(email: string): Promise<FlowBrowser> {
  const browser = await atPasswordPage(email);
  await browser.press('Forgot password?');
  await browser.press('Continue', { code: await newestCode(tenant.origin, email) });
  return browser;
}

test('ten wrong passwords lock an account for a minute, in every browser and however the address is written', async () => {
  const email = 'bob@example.com';
  const browser = await atPasswordPage(email);
  for (let tries = 1; tries < 10; tries += 1) {
    expect(await browser.press('Sign in', { password: 'wrong' })).toContain('Your account or password is incorrect.');
  }
  expect(await browser.press('Sign in', { password: 'wrong' })).toContain('AADSTS50053');
  const other = await atPasswordPage('BOB@example.com');
  expect(await other.press('Sign in', { password: 'Local-Tenant-1!' })).toContain('AADSTS50053');
  await tenant.control('clock', { advanceSeconds: 61 });
  expect(await other.press('Sign in', { password: 'Local-Tenant-1!' })).toContain('code=');
});

test('wrong passwords at the same time are all counted', async () => {
  const browsers = await Promise.all(Array.from({ length: 12 }, () => atPasswordPage('alice@example.com')));
  await Promise.all(browsers.map((browser) => browser.press('Sign in', { password: 'wrong' })));
  const next = await atPasswordPage('alice@example.com');
  expect(await next.press('Sign in', { password: 'Local-Tenant-1!' })).toContain('AADSTS50053');
  await tenant.control('reset');
  expect(await next.signIn(app.authorizeUrl(), 'alice@example.com')).toContain('code=');
});

test('a right password forgives the wrong ones before', async () => {
  const browser = await atPasswordPage('alice@example.com');
  for (let tries = 0; tries < 9; tries += 1) await browser.press('Sign in', { password: 'wrong' });
  expect(await browser.press('Sign in', { password: 'Local-Tenant-1!' })).toContain('code=');
  const again = await atPasswordPage('alice@example.com');
  expect(await again.press('Sign in', { password: 'wrong' })).toContain('is incorrect');
});

test('a disabled account is told so, but only to who knows its password', async () => {
  const browser = await atPasswordPage('dora@example.com');
  expect(await browser.press('Sign in', { password: 'wrong' })).not.toContain('AADSTS50057');
  expect(await browser.press('Sign in', { password: 'Local-Tenant-1!' })).toContain('AADSTS50057');
});

test('"Forgot password?" takes a mailed code and a new password, and signs in', async () => {
  const browser = await forgetPassword('alice@example.com');
  expect(browser.seen()).toContain('New password');
  const refused = await browser.press('Save and sign in', { password: 'short', confirmPassword: 'other' });
  expect(refused).toContain('Use at least 8 characters.');
  expect(refused).toContain('The two passwords are not the same.');
  const fields = { password: 'Another-one-8', confirmPassword: 'Another-one-8' };
  expect(await browser.press('Save and sign in', fields)).toContain('code=');
  expect(await new FlowBrowser(tenant).signIn(app.authorizeUrl(), 'alice@example.com')).toContain('is incorrect');
  const again = new FlowBrowser(tenant);
  expect(await again.signIn(app.authorizeUrl(), 'alice@example.com', 'Another-one-8')).toContain('code=');
  await tenant.control('reset');
});

test('nobody sets a new password without the code, and no code of a sign-up opens the page', async () => {
  const browser = await atPasswordPage('alice@example.com');
  const base = browser.page.url.href.replace(/\/password$/, '');
  expect(await browser.open(`${base}/new-password`)).toContain('Sign in');
  await browser.open(`${base}/sign-up`);
  await browser.press('Next', { email: 'new@example.com' });
  await browser.press('Continue', { code: await newestCode(tenant.origin, 'new@example.com') });
  expect(await browser.open(`${base}/new-password`)).not.toContain('New password');
});

test('a customer of another identity provider has no password to reset', async () => {
  const browser = await atPasswordPage('gus@example.com');
  expect(await browser.press('Forgot password?')).toContain('It signs in at google.com.');
});

/** Signs a customer in to an app, and gives back a refresh with the refresh token of that sign-in. */
async function refreshOf(email: string, client: { client_id: string; client_secret?: string; redirect_uri: string }) {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl({ client_id: client.client_id, redirect_uri: client.redirect_uri }), email);
  const credentials = { client_id: client.client_id, client_secret: client.client_secret };
  const { body } = await app.redeem(browser.page.url, { ...credentials, redirect_uri: client.redirect_uri });
  const refresh_token = String(body.refresh_token);
  return () => app.askTokens({ ...credentials, grant_type: 'refresh_token', refresh_token });
}

test('a new password ends the refresh tokens of public apps, and leaves those of confidential ones good', async () => {
  const confidential = { client_id: webApp.clientId, client_secret: webApp.secret, redirect_uri: redirectUri };
  const [atPublic, atConfidential, ofBob] = [
    await refreshOf('alice@example.com', closed),
    await refreshOf('alice@example.com', confidential),
    await refreshOf('bob@example.com', closed),
  ];
  const renewed = await atPublic();
  expect(renewed.status).toBe(200);
  const reset = await forgetPassword('alice@example.com');
  await reset.press('Save and sign in', { password: 'Another-one-8', confirmPassword: 'Another-one-8' });

  const refused = await atPublic();
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] });
  const ofRenewed = { grant_type: 'refresh_token', refresh_token: String(renewed.body.refresh_token) };
  const alsoRefused = await app.askTokens({ client_id: closed.client_id, client_secret: undefined, ...ofRenewed });
  expect(alsoRefused.body.error_codes).toEqual([50173]);
  expect([(await atConfidential()).status, (await ofBob()).status]).toEqual([200, 200]);
  await tenant.control('reset');
});

test.each([
  ['onlysmallletters', 'Use three of these'],
  ['SMALL-AND-BIG', 'Use three of these'],
  ['My-Passw0rd-9', 'Many people use this password.'],
  ['Nina-Nilsson-7', 'Do not use your email address'],
  ['Nina1!', 'Use at least 8 characters.'],
])('the new password %s is refused', async (password, reason) => {
  const email = 'nina-nilsson@example.com';
  const browser = new FlowBrowser(tenant);
  await browser.open(app.authorizeUrl({ prompt: 'create', login_hint: email }));
  await browser.press('Next');
  await browser.press('Continue', { code: await newestCode(tenant.origin, email) });
  const fields = { displayName: 'Nina', password, confirmPassword: password };
  expect(await browser.press('Create account', fields)).toContain(reason);
});
