import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectChromium, openWindow, type Window } from '../support/chromium.ts';
import { follow, press, signInAtTenant, signUpAtTenant } from '../support/customerSteps.ts';
import { type Programs, startPrograms } from '../support/programs.ts';

describe('in Chromium', () => {
  let programs: Programs;
  let chromium: Browser;
  let home: string;
  beforeAll(async () => {
    [programs, chromium] = await Promise.all([startPrograms(), connectChromium()]);
    home = `${programs.web.url}/`;
  });
  afterAll(async () => {
    await chromium.close();
    await programs.stop();
  });

  let window: Window;
  let page: Page;
  beforeEach(async () => {
    window = await openWindow(chromium);
    page = window.page;
  });
  afterEach(async () => {
    await window.context.close();
    expect(window.faults).toEqual([]);
  });

  const text = (of = page) => of.locator('body').innerText();

  async function signIn(email: string, path = '/'): Promise<void> {
    await page.goto(`${programs.web.url}/auth/signin?returnTo=${path}`);
    await signInAtTenant(page, email);
    await page.waitForURL(`${programs.web.url}${path}`);
  }

  test.each([
    { scripts: 'with scripts', javaScriptEnabled: true },
    { scripts: 'without scripts', javaScriptEnabled: false },
  ])('a customer uses every function $scripts', async ({ javaScriptEnabled }) => {
    const { context, page, faults } = await openWindow(chromium, { javaScriptEnabled });
    const email = `dora-${javaScriptEnabled}@example.com`;
    await page.goto(home);
    await follow(page, 'Create account');
    await signUpAtTenant(page, email, 'Dora Dawson');
    await page.waitForURL(home);
    expect(await text(page)).toContain('Hello, Dora Dawson');

    await follow(page, 'Your claims');
    const claim = page.getByRole('row', { name: /^preferred_username/ });
    expect(await claim.innerText()).toContain(email);
    expect(await page.getByRole('row', { name: /^oid/ }).innerText()).toContain('Yes');

    await follow(page, 'To-do list');
    await page.getByLabel('What is there to do?').fill('Buy milk & <b>bread</b>');
    await press(page, 'Add');
    expect(await page.locator('.todos').innerText()).toContain('Buy milk & <b>bread</b>');
    await page.getByText('Change', { exact: true }).click();
    await page.getByLabel('New text').fill('Buy oat milk');
    await press(page, 'Save');
    expect(await page.locator('.todos').innerText()).toContain('Buy oat milk');
    await press(page, 'Remove Buy oat milk');
    expect(await text(page)).toContain('Nothing to do yet.');

    await press(page, 'Sign out');
    await page.waitForURL(`${programs.web.url}/auth/signed-out`);
    const cookies = await context.cookies();
    expect(cookies.filter(({ name }) => /^(session|signin)/.test(name))).toEqual([]);
    await context.close();
    expect(faults).toEqual([]);
  });

  test('A-76 the back button after sign-out reloads the page, which shows no customer data', async () => {
    await signIn('alice@example.com', '/todos');
    await page.getByLabel('What is there to do?').fill('A secret of Alice’s');
    await press(page, 'Add');
    await follow(page, 'Your claims');
    await press(page, 'Sign out');
    await page.waitForURL(`${programs.web.url}/auth/signed-out`);
    for (const path of ['/users/id', '/todos']) {
      const asked = page.waitForResponse(`${programs.web.url}${path}`);
      await page.evaluate('history.back()');
      expect((await asked).status()).toBe(303);
      await page.getByLabel('Email address').waitFor();
      expect(await text()).not.toMatch(/Alice/i);
    }
  });

  test('another customer signs in after a sign-out and sees nothing of the first', async () => {
    await signIn('alice@example.com', '/todos');
    await page.getByLabel('What is there to do?').fill('Only for Alice');
    await press(page, 'Add');
    await press(page, 'Sign out');
    await follow(page, 'Sign in again');
    await signInAtTenant(page, 'bob@example.com');
    await page.waitForURL(home);
    expect(await text()).toContain('Hello, Bob Baker');
    await follow(page, 'Your to-do list');
    expect(await text()).not.toContain('Alice');
  });

  test('cancelling at the tenant leads to the home page, which says so', async () => {
    await page.goto(home);
    await follow(page, 'Sign in');
    await press(page, 'Cancel');
    await page.waitForURL(/\/\?notice=cancelled$/);
    expect(await page.getByRole('status').innerText()).toBe('Sign-in was cancelled.');
    expect(await page.getByRole('link', { name: 'Create account' }).isVisible()).toBe(true);
  });

  test('a refused form comes back with its text, the reason and the focus in the field', async () => {
    await signIn('bob@example.com', '/todos');
    const field = page.getByLabel('What is there to do?');
    await field.fill('   ');
    await press(page, 'Add');
    expect(await page.title()).toMatch(/^Error: /);
    expect(await field.inputValue()).toBe('   ');
    await field.and(page.locator(':focus')).waitFor();
    expect(await page.locator('#new-problem').innerText()).toBe('Write what there is to do.');
    expect(await field.getAttribute('aria-describedby')).toBe('new-problem');
  });

  test('two tabs that sign in at once each return to their own page', async () => {
    const second = await window.context.newPage();
    await Promise.all([page.goto(`${programs.web.url}/users/id`), second.goto(`${programs.web.url}/todos`)]);
    await Promise.all([signInAtTenant(page, 'bob@example.com'), signInAtTenant(second, 'bob@example.com')]);
    await page.waitForURL(`${programs.web.url}/users/id`);
    await second.waitForURL(`${programs.web.url}/todos`);
    expect(await text()).toContain('bob@example.com');
    expect(await text(second)).toContain('Bob Baker');
  });

  test('a form left open in another tab during sign-out changes nothing and keeps its text', async () => {
    await signIn('bob@example.com', '/todos');
    await page.getByLabel('What is there to do?').fill('Written in vain?');
    const second = await window.context.newPage();
    await second.goto(home);
    await press(second, 'Sign out');
    await second.waitForURL(`${programs.web.url}/auth/signed-out`);
    await press(page, 'Add');
    await page.getByRole('heading', { name: 'Please sign in' }).waitFor();
    expect(await text()).toContain('Written in vain?');
    await signIn('bob@example.com', '/todos');
    expect(await text()).not.toContain('Written in vain?');
  });
});
