import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { isRegisteredRedirectUri } from '../src/registrations/redirectUri.ts';
import { daemon, todoApi, webApp } from '../src/seed/apps.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { DemoApp, redirectUri } from './DemoApp.ts';

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const unknownClient = 'c0ffee00-1111-4222-8333-444455556666';

test.each([
  ['an unknown app', { client_id: unknownClient }, 'AADSTS700016'],
  ['no client_id', { client_id: undefined }, 'AADSTS900144'],
  ['no response_type', { response_type: undefined }, 'AADSTS900144'],
  ['an unregistered redirect URI', { redirect_uri: 'https://evil.example/auth/redirect' }, 'AADSTS50011'],
  ['a redirect URI with another path case', { redirect_uri: 'http://localhost:3000/Auth/redirect' }, 'AADSTS50011'],
  ['an app without redirect URIs', { client_id: daemon.clientId, redirect_uri: undefined }, 'AADSTS900971'],
])('%s is shown on the tenant’s own page and never redirected', async (_case, changes, code) => {
  const page = await new TenantBrowser().open(app.authorizeUrl(changes));
  expect(page.isElsewhere).toBe(false);
  expect(page.status).toBe(200);
  expect(page.html).toContain('Sorry, but we&#39;re having trouble signing you in.');
  expect(page.html).toContain(`${code}: `);
  expect(page.html).toMatch(/Correlation ID: [0-9a-f-]{36}/);
});

test('a repeated parameter is reported on the tenant’s own page', async () => {
  const url = app.authorizeUrl();
  url.searchParams.append('redirect_uri', 'https://evil.example/');
  const page = await new TenantBrowser().open(url);
  expect(page.isElsewhere).toBe(false);
  expect(page.html).toContain('AADSTS9002313');
});

test('the values of parameters are shown as text', async () => {
  const page = await new TenantBrowser().open(app.authorizeUrl({ client_id: '<script>alert(1)</script>' }));
  expect(page.html).not.toContain('<script>');
  expect(page.html).toContain('&lt;script&gt;');
});

test.each([
  ['an unknown API', { scope: 'openid api://nobody/Read' }, 'invalid_resource', 500011],
  ['a permission that the API does not have', { scope: `${todoApi.identifierUri}/Nothing` }, 'invalid_client', 650053],
  ['an unknown short scope', { scope: 'openid nonsense' }, 'invalid_client', 650053],
  ['.default with another scope', { scope: `${todoApi.identifierUri}/.default User.Read` }, 'invalid_scope', 70011],
  ['no scope', { scope: undefined }, 'invalid_request', 900144],
  ['another response type', { response_type: 'id_token' }, 'unsupported_response_type', 700054],
  ['an implicit access token', { response_type: 'id_token token' }, 'unsupported_response_type', 700051],
  ['claims that are not JSON', { claims: '{' }, 'invalid_request', 9002313],
  ['an unknown prompt', { prompt: 'dance' }, 'invalid_request', 9002313],
])('%s is reported to the app', async (_case, changes, error, code) => {
  const { url } = await new TenantBrowser().open(app.authorizeUrl(changes));
  expect(url.origin + url.pathname).toBe(redirectUri);
  expect([...url.searchParams.keys()].sort()).toEqual(['error', 'error_description', 'error_uri', 'state']);
  expect(url.searchParams.get('error')).toBe(error);
  expect(url.searchParams.get('error_description')).toMatch(new RegExp(`^AADSTS${code}: `));
  expect(url.searchParams.get('error_uri')).toBe(`${tenant.origin}/error?code=${code}`);
});

test('two APIs in one request sign the customer in; a token is for one of them', async () => {
  const scope = `openid User.Read ${todoApi.identifierUri}/ToDoList.Read`;
  const answer = await new TenantBrowser().signIn(app.authorizeUrl({ scope }), 'alice@example.com', seededPassword);
  const refused = await app.redeem(answer, { scope });
  expect([refused.status, refused.body.error, refused.body.error_codes]).toEqual([400, 'invalid_request', [28000]]);
  expect(refused.body.error_description).toContain(`more than one resource. Scope ${scope} is not valid.`);
  const redeemed = await app.redeem(answer, { scope: `${todoApi.identifierUri}/ToDoList.Read` });
  expect(redeemed.status).toBe(200);
});

test('Cancel answers with error, error_subcode and state, and nothing else', async () => {
  const browser = new TenantBrowser();
  const first = await browser.open(app.authorizeUrl());
  const { url } = await browser.submit(first, {}, 'Cancel');
  expect(url.href).toBe(`${redirectUri}?error=access_denied&error_subcode=cancel&state=the-state`);
  const again = await browser.open(first.url);
  expect(again.status).toBe(400);
  expect(again.html).toContain('This sign-in has ended');
});

test('the pages cannot be framed and run no scripts', async () => {
  const response = await fetch(app.authorizeUrl({ client_id: unknownClient }));
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});

test('a sign-in page without its cookie, as in a post from another site, is refused', async () => {
  const page = await new TenantBrowser().open(app.authorizeUrl());
  const response = await fetch(page.url, { method: 'POST', body: new URLSearchParams({ email: 'alice@example.com' }) });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('This sign-in has ended');
});

test('the cookie of one sign-in does not open another', async () => {
  const begin = async () => {
    const response = await fetch(app.authorizeUrl(), { redirect: 'manual' });
    const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
    return { url: new URL(response.headers.get('location') ?? '', tenant.origin), cookie: cookie.join('; ') };
  };
  const [one, other] = [await begin(), await begin()];
  const statuses = await Promise.all(
    [one.url, other.url].map(async (url) => (await fetch(url, { headers: { cookie: one.cookie } })).status),
  );
  expect(statuses).toEqual([200, 400]);
});

test.each([
  ['http://localhost:3000/auth/redirect', true],
  ['http://localhost:49152/auth/redirect', true],
  ['HTTP://LOCALHOST/auth/redirect', true],
  ['https://localhost:3000/auth/redirect', true],
  ['https://localhost:3001/auth/redirect', false],
  ['https://localhost/auth/redirect', false],
  ['http://127.0.0.1:3000/auth/redirect', false],
  ['http://localhost:3000/auth/redirect/', false],
  ['http://localhost:3000/AUTH/redirect', false],
  ['http://localhost:3000/auth/../auth/redirect', false],
  ['http://localhost:3000/auth/redirect?x=1', false],
  ['http://localhost:3000/auth/redirect#x', false],
  ['http://localhost@evil.example/auth/redirect', false],
  ['http://localhost:3000@evil.example/auth/redirect', false],
  ['http://localhost.evil.example/auth/redirect', false],
  ['javascript:alert(1)', false],
])('the redirect URI %s is registered: %s', (uri, isRegistered) => {
  expect(isRegisteredRedirectUri(uri, webApp.redirectUris)).toBe(isRegistered);
});

test('a redirect URI on another port of localhost gets the answer on that port', async () => {
  const elsewhere = 'http://localhost:45678/auth/redirect';
  const url = app.authorizeUrl({ redirect_uri: elsewhere });
  const answer = await new TenantBrowser().signIn(url, 'alice@example.com', seededPassword);
  expect(answer.origin).toBe('http://localhost:45678');
  expect((await app.redeem(answer, { redirect_uri: elsewhere })).status).toBe(200);
});

test('a web app behind a TLS proxy on this machine is a registered one, for sign-in and sign-out', async () => {
  const behindProxy = 'https://localhost:3000/auth/redirect';
  const browser = new TenantBrowser();
  const url = app.authorizeUrl({ redirect_uri: behindProxy });
  const answer = await browser.signIn(url, 'alice@example.com', seededPassword);
  expect(answer.origin + answer.pathname).toBe(behindProxy);
  expect((await app.redeem(answer, { redirect_uri: behindProxy })).status).toBe(200);
  const logout = new URL(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/logout`);
  logout.searchParams.set('post_logout_redirect_uri', 'https://localhost:3000/auth/signed-out');
  expect((await browser.open(logout)).url.href).toBe('https://localhost:3000/auth/signed-out');
});
