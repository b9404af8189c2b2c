import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loyaltyShop, readTenantConfig, seed } from 'entra-local-tenant';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectChromium, openWindow, type Window } from '../support/chromium.ts';
import { press, signInAtTenant } from '../support/customerSteps.ts';
import { freePort } from '../support/freePort.ts';
import { type Programs, startPrograms } from '../support/programs.ts';

let folder: string;
let programs: Programs;
let chromium: Browser;
let shopUrl: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-apps-'));
  const PORT = String(await freePort());
  // A different host than the first app's: each app has its own cookies, and frames on the tenant's page have none.
  shopUrl = `http://127.0.0.1:${PORT}`;
  const TENANT_FILE = join(folder, 'tenant.json');
  await writeFile(TENANT_FILE, JSON.stringify({ ...seed, apps: seed.apps?.map(withShopAt(shopUrl)) }));
  [programs, chromium] = await Promise.all([startPrograms(undefined, { tenant: { TENANT_FILE } }), connectChromium()]);
  const { clientId: CLIENT_ID, secret: CLIENT_SECRET } = loyaltyShop;
  await programs.startWeb({ PORT, BASE_URL: shopUrl, CLIENT_ID, CLIENT_SECRET });
});
afterAll(async () => {
  await chromium.close();
  await programs.stop();
  await rm(folder, { recursive: true });
});

let window: Window;
beforeEach(async () => {
  window = await openWindow(chromium);
});
afterEach(async () => {
  await window.context.close();
  // The test may leave a page before its icon has loaded.
  expect(window.faults.filter((fault) => !fault.endsWith('icon.svg net::ERR_ABORTED'))).toEqual([]);
});

type App = NonNullable<typeof seed.apps>[number];

function withShopAt(url: string) {
  return (app: App): App => {
    if (app.clientId !== loyaltyShop.clientId) return app;
    const redirectUris = ['/auth/redirect', '/auth/signed-out'].map((path) => url + path);
    return { ...app, redirectUris, logoutUrl: `${url}/auth/front-channel-logout` };
  };
}

/** Signs in to the first app with a password and to the second one with a click. */
async function signInToBoth(of = window): Promise<void> {
  const { page } = of;
  await page.goto(`${programs.web.url}/auth/signin`);
  await signInAtTenant(page, 'alice@example.com');
  await page.waitForURL(`${programs.web.url}/`);
  await page.goto(`${shopUrl}/auth/signin`);
  await page.waitForURL(`${shopUrl}/`);
  expect([await isSignedIn(programs.web.url, of), await isSignedIn(shopUrl, of)]).toEqual([true, true]);
}

/** Requests a customer page with the window's cookies. */
async function isSignedIn(url: string, { context } = window): Promise<boolean> {
  return (await context.request.get(`${url}/users/id`, { maxRedirects: 0 })).status() === 200;
}

test.each([
  { from: 'the first', urls: () => [programs.web.url, shopUrl] as const },
  { from: 'the second', urls: () => [shopUrl, programs.web.url] as const },
])('A-79 a customer who signs out of $from of two apps is signed out of the other', async ({ urls }) => {
  const [left, other] = urls();
  await signInToBoth();
  await window.page.goto(left);
  await press(window.page, 'Sign out');
  await window.page.waitForURL(`${left}/auth/signed-out`);
  expect([await isSignedIn(left), await isSignedIn(other)]).toEqual([false, false]);
});

test('A-79 signing out at the tenant itself ends both sessions, and none of another browser', async () => {
  await signInToBoth();
  const neighbour = await openWindow(chromium);
  await signInToBoth(neighbour);
  await window.page.goto(`${programs.tenant.url}/${readTenantConfig({}).tenantId}/oauth2/v2.0/logout`);
  expect(window.page.frames()).toHaveLength(3);
  expect([await isSignedIn(programs.web.url), await isSignedIn(shopUrl)]).toEqual([false, false]);
  expect(await isSignedIn(programs.web.url, neighbour)).toBe(true);
  await neighbour.context.close();
});
