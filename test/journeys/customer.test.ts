import { seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import { newestCode } from '../support/TenantBrowser.ts';

describe('a customer', () => {
  let redis: RedisServer;
  let programs: Programs;
  beforeAll(async () => {
    redis = await startRedis();
    programs = await startPrograms(redis.url);
  });
  afterAll(async () => {
    await programs.stop();
    await redis.stop();
  });

  async function signIn(browser: Browser, email: string, page = '/'): Promise<void> {
    await browser.goto(`${programs.web.url}/auth/signin?returnTo=${page}`);
    await browser.submit('Next', { email });
    await browser.submit('Sign in', { password: seededPassword });
  }

  test('creates an account with the mailed code, and is signed in at once', async () => {
    const browser = new Browser();
    await browser.goto(`${programs.web.url}/auth/signin?prompt=create`);
    await browser.submit('Next', { email: 'carol@example.com' });
    await browser.submit('Continue', { code: await newestCode(programs.tenant.url, 'carol@example.com') });
    const account = { password: 'A-good-one-7', confirmPassword: 'A-good-one-7', displayName: 'Carol Cooper' };
    const page = await browser.submit('Create account', account);
    expect([page.status, page.url.href]).toEqual([200, `${programs.web.url}/`]);
    expect(browser.text()).toContain('Hello, Carol Cooper');
  });

  test('returns to the page that required sign-in and reads the claims there', async () => {
    const browser = new Browser();
    await browser.goto(`${programs.web.url}/users/id`);
    await browser.submit('Next', { email: 'alice@example.com' });
    const page = await browser.submit('Sign in', { password: seededPassword });
    expect(page.url.pathname).toBe('/users/id');
    for (const text of ['preferred_username', 'alice@example.com', 'oid', 'Alice Archer']) {
      expect(browser.text()).toContain(text);
    }
  });

  test('adds, changes and removes a to-do, and finds it after signing in again', async () => {
    const browser = new Browser();
    await signIn(browser, 'alice@example.com', '/todos');
    await browser.submit('Add', { description: 'Buy milk & <b>bread</b>' });
    expect(browser.text()).toContain('Buy milk & <b>bread</b>');
    await browser.submit('Save', { description: 'Buy oat milk' });
    expect(browser.text()).toContain('Buy oat milk');
    await browser.submit('Sign out');
    await signIn(browser, 'alice@example.com', '/todos');
    expect(browser.text()).toContain('Buy oat milk');
    await browser.submit('Remove Buy oat milk');
    expect(browser.text()).not.toContain('oat milk');
  });

  test('signs out of the app and the tenant, so that the next customer must sign in', async () => {
    const browser = new Browser();
    await signIn(browser, 'alice@example.com', '/todos');
    await browser.submit('Add', { description: 'Only for Alice' });
    const page = await browser.submit('Sign out');
    expect(page.url.pathname).toBe('/auth/signed-out');
    expect(browser.cookies.has('session')).toBe(false);
    await signIn(browser, 'bob@example.com', '/todos');
    expect(browser.text()).toContain('Bob Baker');
    expect(browser.text()).not.toContain('Only for Alice');
  });

  test('is signed in without a page when the tenant still knows the browser', async () => {
    const browser = new Browser();
    await signIn(browser, 'bob@example.com');
    browser.cookies.delete('session');
    const page = await browser.goto(`${programs.web.url}/users/id`);
    expect([page.url.pathname, page.status]).toEqual(['/users/id', 200]);
    expect(browser.text()).toContain('bob@example.com');
  });
});
