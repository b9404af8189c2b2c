import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';
import { FlowBrowser, shop } from './flows.ts';

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const signedOut = 'http://localhost:3000/auth/signed-out';

function logoutUrl(parameters: Readonly<Record<string, string>>): URL {
  const url = new URL(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/logout`);
  url.search = new URLSearchParams(parameters).toString();
  return url;
}

async function signedInBrowser(): Promise<TenantBrowser> {
  const browser = new TenantBrowser();
  await browser.signIn(app.authorizeUrl(), 'alice@example.com', seededPassword);
  return browser;
}

async function isSignedIn(browser: TenantBrowser): Promise<boolean> {
  const { url } = await browser.open(app.authorizeUrl({ prompt: 'none' }));
  return url.searchParams.has('code');
}

test('sign-out ends the session and goes to a registered address, with state', async () => {
  const browser = await signedInBrowser();
  expect(await isSignedIn(browser)).toBe(true);
  const parameters = { post_logout_redirect_uri: signedOut, state: 'bye', logout_hint: 'O.opaque' };
  const page = await browser.open(logoutUrl(parameters));
  expect(page.url.href).toBe(`${signedOut}?state=bye`);
  expect(await isSignedIn(browser)).toBe(false);
});

test('sign-out by POST does the same', async () => {
  const browser = await signedInBrowser();
  const path = logoutUrl({}).pathname;
  const form = { url: logoutUrl({}), status: 200, html: `<form action="${path}"></form>`, isElsewhere: false };
  const page = await browser.submit(form, { post_logout_redirect_uri: signedOut });
  expect(page.url.href).toBe(signedOut);
  expect(await isSignedIn(browser)).toBe(false);
});

test.each([
  ['no address', {}],
  ['an address of nobody', { post_logout_redirect_uri: 'https://evil.example/' }],
  ['an address that is none', { post_logout_redirect_uri: 'javascript:alert(1)' }],
])('sign-out with %s shows the tenant’s own page', async (_case, parameters) => {
  const browser = await signedInBrowser();
  const page = await browser.open(logoutUrl(parameters));
  expect(page.isElsewhere).toBe(false);
  expect(page.html).toContain('You signed out');
  expect(await isSignedIn(browser)).toBe(false);
});

test('sign-out twice, or of a browser that never signed in, is no error', async () => {
  const page = await new TenantBrowser().open(logoutUrl({ post_logout_redirect_uri: signedOut }));
  expect(page.url.href).toBe(signedOut);
});

test('tokens stay good after sign-out', async () => {
  const browser = new TenantBrowser();
  const { body } = await app.redeem(await browser.signIn(app.authorizeUrl(), 'alice@example.com', seededPassword));
  await browser.open(logoutUrl({}));
  const answer = await app.askTokens({ grant_type: 'refresh_token', refresh_token: String(body.refresh_token) });
  expect(answer.status).toBe(200);
});

async function withBoth(): Promise<FlowBrowser> {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), 'alice@example.com');
  await browser.signIn(app.authorizeUrl({ prompt: 'login' }), 'bob@example.com');
  return browser;
}

test('with two accounts a page asks which to sign out of, and the other one stays', async () => {
  const browser = await withBoth();
  const page = await browser.open(logoutUrl({ post_logout_redirect_uri: signedOut, state: 'bye' }));
  expect(page).toContain('Which account do you want to sign out of?');
  await browser.press('Alice Archer alice@example.com');
  expect(browser.page.url.href).toBe(`${signedOut}?state=bye`);
  await browser.open(app.authorizeUrl({ prompt: 'none' }));
  const { preferred_username } = claimsOf(await app.redeem(browser.page.url), 'id_token');
  expect(preferred_username).toBe('bob@example.com');
});

test('logout_hint, the claim login_hint, says which of two accounts is meant', async () => {
  const browser = await withBoth();
  const bob = await app.redeem(browser.page.url);
  const logout_hint = String(claimsOf(bob, 'id_token').login_hint);
  await browser.open(logoutUrl({ post_logout_redirect_uri: signedOut, logout_hint }));
  expect(browser.page.url.href).toBe(signedOut);
  await browser.open(app.authorizeUrl({ prompt: 'none' }));
  const { preferred_username } = claimsOf(await app.redeem(browser.page.url), 'id_token');
  expect(preferred_username).toBe('alice@example.com');
});

test('an address is no logout_hint: the page asks', async () => {
  const browser = await withBoth();
  const page = await browser.open(logoutUrl({ logout_hint: 'alice@example.com' }));
  expect(page).toContain('Which account do you want to sign out of?');
});

test('a session that was ended cannot be picked any more', async () => {
  const browser = await withBoth();
  await browser.open(logoutUrl({}));
  await browser.press('Alice Archer alice@example.com');
  expect(await browser.open(app.authorizeUrl({ prompt: 'select_account' }))).not.toContain('alice@example.com');
});

/** Signs out; the answer is the page that tells the apps. */
async function signOutPage(browser: FlowBrowser, parameters = {}) {
  const response = await browser.fetch(logoutUrl(parameters));
  const html = await response.text();
  const frames = [...html.matchAll(/<iframe src="([^"]*)"/g)].map(([, src = '']) => src.replaceAll('&amp;', '&'));
  return { headers: response.headers, html, frames };
}

test('every app of the session that has a logout URL is told in a frame, then the page goes on', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), 'alice@example.com');
  await browser.open(app.authorizeUrl(shop));
  const sid = browser.page.url.searchParams.get('session_state') ?? '';
  const { headers, html, frames } = await signOutPage(browser, { post_logout_redirect_uri: signedOut, state: 'bye' });
  const issuer = `https://${tenant.tenantId}.ciamlogin.com/${tenant.tenantId}/v2.0`;
  const query = new URLSearchParams({ iss: issuer, sid });
  expect(frames).toEqual([
    `http://localhost:3000/auth/front-channel-logout?${query}`,
    `http://localhost:3010/auth/front-channel-logout?${query}`,
  ]);
  expect(headers.get('refresh')).toBe(`0; url=${signedOut}?state=bye`);
  expect(html).toContain(`href="${signedOut}?state=bye"`);
  const policy = headers.get('content-security-policy');
  expect(policy).toContain('frame-src http://localhost:3000 http://localhost:3010');
  expect(policy).toContain("default-src 'none'");
});

test('an app in which the customer did not sign in is not told', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), 'alice@example.com');
  const { frames } = await signOutPage(browser);
  expect(frames.map((frame) => new URL(frame).host)).toEqual(['localhost:3000']);
});

test('an app on http://localhost is told at the port where the customer reached it last', async () => {
  const browser = new FlowBrowser(tenant);
  const hosts = async () => (await signOutPage(browser)).frames.map((frame) => new URL(frame).host);
  const reachedAt = (port: number) => app.authorizeUrl({ redirect_uri: `http://localhost:${port}/auth/redirect` });
  await browser.signIn(reachedAt(4000), 'alice@example.com');
  expect(await hosts()).toEqual(['localhost:4000']);
  await browser.signIn(reachedAt(4000), 'alice@example.com');
  await browser.open(reachedAt(4010));
  expect(await hosts()).toEqual(['localhost:4010']);
});
