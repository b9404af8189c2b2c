import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closed, shop, stepUp } from '../../local-tenant/test/flows.ts';
import type { KeyboardCustomer } from '../support/KeyboardCustomer.ts';
import { newestCode } from '../support/TenantBrowser.ts';
import { startTenantTour, type TenantTour } from './tenantTour.ts';

let tour: TenantTour;
let page: Page;
let customer: KeyboardCustomer;
beforeAll(async () => {
  tour = await startTenantTour();
});
afterAll(() => tour.stop());
beforeEach(async () => {
  customer = await tour.openCustomer();
  page = customer.page;
});
afterEach(() => page.context().close());

const see = (heading: string) => customer.see(heading);
const use = (name: string) => customer.use(name);
const fill = (fields: Readonly<Record<string, string>>) => customer.fill(fields);
const open = (parameters = {}) => page.goto(tour.authorizeUrl(parameters));
const isBack = () => expect(page.url()).toContain(`${tour.appUrl}/auth/redirect?code=`);
const signOutUrl = () => `${tour.tenant.origin}/${tour.tenant.tenantId}/oauth2/v2.0/logout`;

async function giveCode(email: string): Promise<void> {
  await see('Enter code');
  await fill({ Code: await newestCode(tour.tenant.origin, email) });
}

async function signIn(email: string): Promise<void> {
  await fill({ 'Email address': email });
  await fill({ Password: 'Local-Tenant-1!' });
}

describe('with the keyboard only, on a phone, without barriers,', () => {
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
    await see('A different proof is needed');
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
    await page.goto(signOutUrl());
    await see('Pick an account');
    await use('Bob Baker');
    await see('You signed out');
    await open({ prompt: 'none' });
    isBack();
  });

  test('the apps are notified of a sign-out, and the page continues by itself', async () => {
    await open();
    await signIn('alice@example.com');
    await open(shop);
    const target = `${tour.appUrl}/auth/signed-out`;
    // Delay the app's answer, so that the page stays until it was examined.
    let goOn = () => {};
    const isSeen = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route('**/auth/front-channel-logout?*', async (route) => {
      await isSeen;
      await route.fulfill({ status: 200, body: '' });
    });
    const address = `${signOutUrl()}?${new URLSearchParams({ post_logout_redirect_uri: target })}`;
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    await see('Signing out');
    goOn();
    await page.waitForURL(target);
  });

  test('a user flow without sign-up says so', async () => {
    await open({ ...closed, prompt: 'create' });
    await see('No new accounts');
    await use('Sign in');
    await see('Sign in');
  });
});
