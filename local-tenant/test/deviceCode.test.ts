import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Browser } from '../../test/support/Browser.ts';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { terminal, todoApi, webApp } from '../src/seed/apps.ts';
import { seededCustomers, seededPassword } from '../src/seed/customers.ts';
import { claimsOf, DemoApp, readScope } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';

const [alice] = seededCustomers;
const scope = `openid profile offline_access ${readScope}`;
let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterEach(() => tenant.control('reset'));
afterAll(() => tenant.stop());

async function begin(form: Readonly<Record<string, string>> = {}, { origin, tenantId } = tenant) {
  const body = new URLSearchParams({ client_id: terminal.clientId, scope, ...form });
  const response = await fetch(`${origin}/${tenantId}/oauth2/v2.0/devicecode`, { method: 'POST', body });
  const answer = z.record(z.string(), z.unknown()).parse(await response.json());
  return { status: response.status, answer, userCode: String(answer.user_code), code: String(answer.device_code) };
}

const poll = (device_code: string, form: Readonly<Record<string, string | undefined>> = {}) =>
  app.askTokens({
    grant_type: 'device_code',
    client_id: terminal.clientId,
    client_secret: undefined,
    device_code,
    ...form,
  });

async function enterCode(userCode: string, browser = new Browser(), path = '/common/oauth2/deviceauth') {
  await browser.goto(`${tenant.origin}${path}`);
  await browser.submit('Next', { user_code: userCode });
  return browser;
}

async function signIn(userCode: string, path?: string): Promise<Browser> {
  const browser = await enterCode(userCode, new Browser(), path);
  await browser.submit('Continue');
  await browser.submit('Next', { email: alice.email });
  await browser.submit('Sign in', { password: seededPassword });
  return browser;
}

const refusal = async (answer: ReturnType<typeof poll>) => {
  const { status, body } = await answer;
  return [status, body.error, body.error_codes];
};

test('a device gets Entra’s fields, with the address where customers cannot sign in', async () => {
  const { status, answer } = await begin();
  expect(status).toBe(200);
  expect(answer).toEqual({
    user_code: expect.stringMatching(/^[A-Z]{9}$/),
    device_code: expect.stringMatching(/^[\w-]{100,}$/),
    verification_uri: 'https://microsoft.com/devicelogin',
    expires_in: 900,
    interval: 5,
    message: `To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ${answer.user_code} to authenticate.`,
  });
});

test('the document can set the address to that of the tenant’s own page', async () => {
  const local = await startDocumentTenant({ deviceVerificationUri: 'local' });
  const { answer } = await begin({}, local);
  const page = String(answer.verification_uri);
  expect(page).toBe(`${local.origin}/${local.tenantId}/oauth2/deviceauth`);
  expect((await fetch(page)).status).toBe(200);
  await local.stop();
});

test.each(['device_code', 'urn:ietf:params:oauth:grant-type:device_code'])(
  'the device gets tokens with the grant type %s, once',
  async (grant_type) => {
    const { userCode, code } = await begin();
    expect(await refusal(poll(code, { grant_type }))).toEqual([400, 'authorization_pending', [70016]]);
    const browser = await signIn(` ${userCode.toLowerCase().slice(0, 4)}-${userCode.slice(4)} `);
    expect(browser.text()).toContain('You have signed in to To-do terminal on your device.');
    const tokens = await poll(code, { grant_type, client_info: '1' });
    expect(Object.keys(tokens.body).sort()).toEqual(
      ['access_token', 'client_info', 'expires_in', 'ext_expires_in', 'id_token', 'refresh_token', 'scope'].concat(
        'token_type',
      ),
    );
    expect(claimsOf(tokens, 'access_token')).toMatchObject({ azp: terminal.clientId, azpacr: '0', oid: alice.oid });
    expect(claimsOf(tokens, 'id_token')).toMatchObject({ aud: terminal.clientId, name: alice.displayName });
    expect(await refusal(poll(code, { grant_type }))).toEqual([400, 'invalid_grant', [54005]]);
  },
);

test('the page below the tenant’s own name works too, and a public app refreshes without a secret', async () => {
  const { userCode, code } = await begin();
  await signIn(userCode, `/${tenant.tenantId}/oauth2/deviceauth`);
  const { body } = await poll(code);
  const refreshed = await app.askTokens({
    grant_type: 'refresh_token',
    refresh_token: String(body.refresh_token),
    client_id: terminal.clientId,
    client_secret: undefined,
  });
  expect(refreshed.status).toBe(200);
});

test('a customer who is already signed in only confirms', async () => {
  const [first, second] = [await begin(), await begin()];
  const browser = await signIn(first.userCode);
  await enterCode(second.userCode, browser);
  await browser.submit('Continue');
  expect(browser.text()).toContain('You are signed in');
  expect((await poll(second.code)).status).toBe(200);
});

test('a link to the sign-in does not sign a device in without the customer’s confirmation', async () => {
  const first = await begin();
  const browser = await signIn(first.userCode);
  const { userCode, code } = await begin();
  for (const step of ['start', `start?user_code=${userCode}`, `done?state=${userCode}`, `?user_code=${userCode}`]) {
    await browser.goto(`${tenant.origin}/${tenant.tenantId}/oauth2/deviceauth/${step}`);
  }
  expect(await refusal(poll(code))).toEqual([400, 'authorization_pending', [70016]]);
});

test.each([
  ['another app', {}],
  ['the same app in a browser', { client_id: terminal.clientId, redirect_uri: 'http://localhost/' }],
])('the code of a sign-in to %s signs no device in', async (_case, changes) => {
  const { userCode, code } = await begin();
  const answer = await new TenantBrowser().signIn(app.authorizeUrl(changes), alice.email, seededPassword);
  const stolen = `code=${answer.searchParams.get('code')}&state=${userCode}`;
  const response = await fetch(`${tenant.origin}/${tenant.tenantId}/oauth2/deviceauth/done?${stolen}`);
  expect(response.status).toBe(400);
  expect(await refusal(poll(code))).toEqual([400, 'authorization_pending', [70016]]);
});

test('a sign-in for one app does not sign in another app’s device', async () => {
  const [mine, other] = [await begin({ client_id: webApp.clientId }), await begin()];
  const browser = await enterCode(mine.userCode);
  await browser.submit('Continue');
  await browser.submit('Next', { email: alice.email });
  const { url } = await browser.submit('Sign in', { password: seededPassword }, ({ pathname }) =>
    pathname.endsWith('/done'),
  );
  url.searchParams.set('state', other.userCode);
  expect((await fetch(url)).status).toBe(400);
});

test.each([
  ['on the page that names the app', async (browser: Browser) => void (await browser.submit('Cancel'))],
  [
    'on the sign-in page',
    async (browser: Browser) => {
      await browser.submit('Continue');
      await browser.submit('Cancel');
    },
  ],
])('a customer who cancels %s declines the device', async (_case, cancel) => {
  const { userCode, code } = await begin();
  const browser = await enterCode(userCode);
  expect(browser.text()).toContain('Sign in to To-do terminal?');
  await cancel(browser);
  expect(browser.text()).toContain('You have not signed in');
  expect(await refusal(poll(code))).toEqual([400, 'authorization_declined', [90120]]);
});

test('a code expires after 15 minutes', async () => {
  const { userCode, code } = await begin();
  await tenant.control('clock', { advanceSeconds: 901 });
  expect(await refusal(poll(code))).toEqual([400, 'expired_token', [70020]]);
  const browser = await enterCode(userCode);
  expect([browser.page.status, browser.text()]).toEqual([
    400,
    expect.stringContaining('This code is wrong or has expired.'),
  ]);
});

test('an unknown code and another app’s code are refused', async () => {
  const { code } = await begin();
  expect(await refusal(poll('no-such-code'))).toEqual([400, 'bad_verification_code', [70018]]);
  const foreign = poll(code, { client_id: webApp.clientId, client_secret: webApp.secret });
  expect(await refusal(foreign)).toEqual([400, 'bad_verification_code', [70018]]);
  expect((await enterCode('BCDFGHJKL')).page.status).toBe(400);
});

test('a confidential app needs a credential only when it polls', async () => {
  const { status, code } = await begin({ client_id: webApp.clientId });
  expect(status).toBe(200);
  const answer = poll(code, { client_id: webApp.clientId });
  expect(await refusal(answer)).toEqual([401, 'invalid_client', [7000218]]);
});

test.each([
  ['an unknown app', { client_id: 'c0ffee00-1111-4222-8333-444455556666' }, 700016],
  ['no app', { client_id: '' }, 900144],
  ['no scope', { scope: '' }, 900144],
  ['an unknown permission', { scope: `${todoApi.identifierUri}/Nothing` }, 650053],
])('a device cannot start with %s', async (_case, form, code) => {
  const { status, answer } = await begin(form);
  expect([status, answer.error_codes]).toEqual([400, [code]]);
});

test('a form on another site cannot sign a device in, although the customer has a session', async () => {
  const { userCode, code } = await begin();
  const browser = await signIn((await begin()).userCode);
  const path = `${tenant.origin}/${tenant.tenantId}/oauth2/deviceauth/start`;
  const headers = { 'sec-fetch-site': 'cross-site' };
  const body = new URLSearchParams({ user_code: userCode });
  expect((await browser.goto(path, { method: 'POST', body, headers })).status).toBe(400);
  expect(await refusal(poll(code))).toEqual([400, 'authorization_pending', [70016]]);
  await browser.goto(path, { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin' } });
  expect((await poll(code)).status).toBe(200);
});
