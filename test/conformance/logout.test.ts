import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let bystander: Browser;
let browser: Browser;
beforeAll(async () => {
  system = await startSystem();
  bystander = await system.signedIn('bob@example.com');
});
afterAll(() => system.stop());
beforeEach(async () => {
  browser = await system.signedIn('alice@example.com');
});

const isSignedIn = async (who: Browser) => (await who.fetch(`${system.webUrl}/users/id`)).status === 200;

/** Presses Sign out and stops before the tenant. */
async function signOut(): Promise<URL> {
  await browser.goto(`${system.webUrl}/auth/signout`);
  return (await browser.submit('Sign out', {}, () => true)).url;
}

async function expectSignedOutPage(): Promise<void> {
  expect([browser.page.status, browser.page.url.pathname]).toEqual([200, '/auth/signed-out']);
  expect(browser.text()).toContain('You are signed out');
  expect([await isSignedIn(browser), await isSignedIn(bystander)]).toEqual([false, true]);
}

/** What the tenant's page puts into a frame: a request without cookies of ours. */
async function loadFrame(sid: string): Promise<void> {
  const iss = `https://${system.tenantId}.ciamlogin.com/${system.tenantId}/v2.0`;
  const answer = await send(`${system.webUrl}/auth/front-channel-logout?${new URLSearchParams({ iss, sid })}`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(answer.headers.get('content-security-policy')).toContain(`frame-ancestors ${system.tenantUrl}`);
  expect(answer.headers.has('x-frame-options')).toBe(false);
}

async function sidOf(who: Browser): Promise<string> {
  const { html } = await who.goto(`${system.webUrl}/users/id`);
  return /<code>sid<\/code><\/th>\s*<td role="cell"><code>([^<]+)</.exec(html)?.[1] ?? '';
}

test('oidcc-client-test-rp-init-logout', async () => {
  const toTenant = await signOut();
  expect(await isSignedIn(browser)).toBe(false);
  expect(toTenant.searchParams.get('post_logout_redirect_uri')).toBe(`${system.webUrl}/auth/signed-out`);
  expect([...toTenant.searchParams.keys()].sort()).toEqual(['logout_hint', 'post_logout_redirect_uri']);
  await browser.goto(toTenant);
  await expectSignedOutPage();
});

test.each([
  ['oidcc-client-test-rp-init-logout-other-state', 'logout-wrong-state', '?state=not-the-state'],
  ['oidcc-client-test-rp-init-logout-no-state', 'logout-no-state', ''],
])('%s', async (_name, fault, query) => {
  await system.control('faults', { name: fault, times: 1 });
  await browser.goto(await signOut());
  expect(browser.page.url.search).toBe(query);
  await expectSignedOutPage();
});

test('oidcc-client-test-rp-frontchannel-rpinitlogout', async () => {
  const sid = await sidOf(browser);
  const toTenant = await signOut();
  await loadFrame(sid);
  await browser.goto(toTenant);
  await expectSignedOutPage();
});

test('oidcc-client-test-rp-frontchannel-opinitlogout', async () => {
  await loadFrame(await sidOf(browser));
  expect([await isSignedIn(browser), await isSignedIn(bystander)]).toEqual([false, true]);
});
