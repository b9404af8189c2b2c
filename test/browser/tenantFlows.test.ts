import { createServer } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openWindow, startChromium } from '../support/chromium.ts';
import { KeyboardCustomer } from '../support/KeyboardCustomer.ts';
import type { RunningTenant } from '../support/startTenant.ts';
import { newestCode } from '../support/TenantBrowser.ts';
import { DemoApp } from '../tenant/DemoApp.ts';
import { closed, shop, startFlows, stepUp } from '../tenant/flows.ts';

/** Stands in for every app: what counts is with which address the browser comes back. */
const apps = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html').end('<title>The app</title>');
});
let appUrl: string;
let tenant: RunningTenant;
let app: DemoApp;
let chromium: Browser;
let context: BrowserContext;
let page: Page;
let customer: KeyboardCustomer;
beforeAll(async () => {
  [tenant, chromium] = await Promise.all([startFlows(), startChromium()]);
  app = new DemoApp(tenant);
  await new Promise<void>((resolve) => apps.listen(0, 'localhost', resolve));
  const address = apps.address();
  appUrl = `http://localhost:${typeof address === 'object' && address ? address.port : 0}`;
});
afterAll(async () => {
  await chromium.close();
  apps.close();
  await tenant.stop();
});
beforeEach(async () => {
  // The pages' own policy would refuse axe-core.
  ({ context, page } = await openWindow(chromium, { bypassCSP: true }));
  customer = new KeyboardCustomer(page);
  await customer.begin();
});
afterEach(() => context.close());

const see = (heading: string) => customer.see(heading);
const use = (name: string) => customer.use(name);
const fill = (fields: Readonly<Record<string, string>>) => customer.fill(fields);

async function giveCode(email: string): Promise<void> {
  await see('Enter code');
  await fill({ Code: await newestCode(tenant.origin, email) });
}

async function signIn(email: string): Promise<void> {
  await fill({ 'Email address': email });
  await fill({ Password: 'Local-Tenant-1!' });
}

const open = (parameters = {}) => {
  const url = app.authorizeUrl(parameters);
  const { pathname } = new URL(url.searchParams.get('redirect_uri') ?? '');
  url.searchParams.set('redirect_uri', `${appUrl}${pathname}`);
  return page.goto(url.href);
};
const isBack = () => expect(page.url()).toContain(`${appUrl}/auth/redirect?code=`);

describe('with the keyboard alone, on a telephone, without barriers,', () => {
  test('a customer signs in after an unknown address and a wrong password', async () => {
    await open();
    await see('Sign in');
    await fill({ 'Email address': 'nobody@example.com' });
    await see('Sign in');
    await fill({ 'Email address': 'alice@example.com' });
    await see('Enter password');
    await fill({ Password: 'wrong' });
    await see('Enter password');
    await fill({ Password: 'Local-Tenant-1!' });
    isBack();
  });

  test('a customer signs up', async () => {
    await open();
    await use('Create one');
    await see('Create account');
    await fill({ 'Email address': 'bob@example.com' });
    await see('Create account');
    await fill({ 'Email address': 'zoe@example.com' });
    await see('Enter code');
    await use('Send a new code');
    await giveCode('zoe@example.com');
    await see('Add details');
    await fill({ 'Display name': 'Zoe', Password: 'too simple', 'Re-enter password': 'differs-7-A' });
    await see('Add details');
    const good = { Password: 'A-good-one-7', 'Re-enter password': 'A-good-one-7' };
    await fill({ 'Display name': 'Zoe', 'Town (optional)': 'Oslo', ...good });
    isBack();
  });

  test('a customer resets the password', async () => {
    await open();
    await fill({ 'Email address': 'bob@example.com' });
    await use('Forgot password?');
    await giveCode('bob@example.com');
    await see('New password');
    await fill({ Password: 'Local-Tenant-1!', 'Re-enter password': 'Local-Tenant-1!' });
    isBack();
  });

  test('a customer signs in with a mailed code, and has no second factor', async () => {
    await open({ ...shop, ...stepUp });
    await fill({ 'Email address': 'alice@example.com' });
    await giveCode('alice@example.com');
    await see('Another proof is needed');
    await use('Return to the app');
    expect(page.url()).toContain('error=interaction_required');
  });

  test('a customer gives a second factor', async () => {
    await open(stepUp);
    await signIn('alice@example.com');
    await see('Verify your identity');
    await use('Send a code to');
    await giveCode('alice@example.com');
    isBack();
  });

  test('a customer signs in at another identity provider', async () => {
    await open();
    await use('Sign in with Google');
    await see('Sign in to Google');
    await fill({ 'Email address': 'yara@example.com', Name: 'Yara' });
    await see('Add details');
    await use('Create account');
    isBack();
  });

  test('a customer picks an account, and one to sign out of', async () => {
    await open();
    await signIn('alice@example.com');
    await open({ prompt: 'login' });
    await signIn('bob@example.com');
    await open(shop);
    await see('Pick an account');
    await use('Bob Baker');
    isBack();
    await page.goto(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/logout`);
    await see('Pick an account');
    await use('Bob Baker');
    await see('You signed out');
    await open({ prompt: 'none' });
    isBack();
  });

  test('the apps are told of a sign-out, and the page goes on by itself', async () => {
    await open();
    await signIn('alice@example.com');
    await open(shop);
    const end = new URLSearchParams({ post_logout_redirect_uri: `${appUrl}/auth/signed-out` });
    await page.goto(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/logout?${end}`);
    await see('Signing out');
    await page.waitForURL(`${appUrl}/auth/signed-out`);
  });

  test('a page is in German, and Cancel leads back to the app', async () => {
    await open({ ui_locales: 'de' });
    await see('Anmelden');
    await use('Abbrechen');
    expect(page.url()).toContain('error=access_denied&error_subcode=cancel');
  });

  test('a user flow without sign-up says so', async () => {
    await open({ ...closed, prompt: 'create' });
    await see('No new accounts');
    await use('Sign in');
    await see('Sign in');
  });
});
