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

/** Loads the frame as the tenant's page does, without the app's cookies. */
async function loadFrame(page: string): Promise<void> {
  const [, src = ''] = /<iframe[^>]* src="([^"]+)"/.exec(page) ?? [];
  const frame = new URL(src.replaceAll('&amp;', '&'));
  expect(frame.origin + frame.pathname).toBe(`${system.webUrl}/auth/front-channel-logout`);
  expect([...frame.searchParams.keys()]).toEqual(['iss', 'sid']);
  const answer = await send(frame);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(answer.headers.get('content-security-policy')).toContain(`frame-ancestors ${system.tenantUrl}`);
  expect(answer.headers.has('x-frame-options')).toBe(false);
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
  const toTenant = await signOut();
  await loadFrame(await (await browser.fetch(toTenant)).text());
  await browser.goto(toTenant.searchParams.get('post_logout_redirect_uri') ?? '');
  await expectSignedOutPage();
});

test('oidcc-client-test-rp-frontchannel-opinitlogout', async () => {
  const { html } = await browser.goto(`${system.tenantUrl}/${system.tenantId}/oauth2/v2.0/logout`);
  expect(await isSignedIn(browser)).toBe(true);
  await loadFrame(html);
  expect([await isSignedIn(browser), await isSignedIn(bystander)]).toEqual([false, true]);
});
