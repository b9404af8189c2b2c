import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededPassword } from '../../src/tenant/CustomerDirectory.ts';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedRecords } from '../support/WatchedRecords.ts';

const records = new WatchedRecords();
let system: System;
beforeAll(async () => {
  system = await startSystem({}, records);
});
afterAll(() => system.stop());

const isCallback = (url: URL) => url.pathname === '/auth/redirect';

/** Goes through the tenant's pages and stops before the answer reaches the app. */
async function answerOf(browser: Browser, email: string, start = '/auth/signin'): Promise<URL> {
  await browser.goto(system.webUrl + start);
  await browser.submit('Next', { email });
  return (await browser.submit('Sign in', { password: seededPassword }, isCallback)).url;
}

function withParameters(url: URL, changes: Readonly<Record<string, string | undefined>>): URL {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
  }
  return changed;
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  return (await browser.goto(`${system.webUrl}/`)).html.includes('Sign out');
}

describe('the redirect URI', () => {
  test('A-20 with error=access_denied leads home and says that sign-in was cancelled', async () => {
    const browser = new Browser();
    await browser.goto(`${system.webUrl}/auth/signin`);
    const page = await browser.submit('Cancel');
    expect([page.status, page.url.pathname]).toEqual([200, '/']);
    expect(browser.text()).toContain('Sign-in was cancelled');
    expect([...records.keys]).toEqual([]);
  });

  test.each(['login_required', 'interaction_required', 'consent_required'])(
    'A-21 with error=%s starts over once, and not a second time',
    async (error) => {
      const browser = new Browser();
      const answer = (location: string) => {
        const state = new URL(location).searchParams.get('state') ?? '';
        return browser.fetch(`${system.webUrl}/auth/redirect?error=${error}&state=${state}`);
      };
      const again = await answer(await startOf(browser));
      expect(again.status).toBe(302);
      expect((await answer(again.headers.get('location') ?? '')).status).toBe(400);
    },
  );

  test.each(['temporarily_unavailable', 'server_error'])('A-22 with error=%s says to try again', async (error) => {
    const browser = new Browser();
    const state = new URL(await startOf(browser)).searchParams.get('state');
    const page = await browser.goto(`${system.webUrl}/auth/redirect?error=${error}&state=${state}`);
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5']);
  });

  test('A-24 with an error and a valid code signs nobody in, and never shows what the tenant wrote', async () => {
    const browser = new Browser();
    const answer = await answerOf(browser, 'alice@example.com');
    const changes = { error: 'invalid_request', error_description: 'AADSTS90023: <b>words of the tenant</b>' };
    const page = await browser.goto(withParameters(answer, changes));
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('words of the tenant');
    expect(system.logged.join('\n')).toContain('invalid_request AADSTS90023');
    expect(system.logged.join('\n')).not.toContain('words of the tenant');
    expect(await isSignedIn(browser)).toBe(false);
  });

  test.each(['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'A-26 with %s is 405, and the attempt stays',
    async (method) => {
      const browser = new Browser();
      const answer = await answerOf(browser, 'alice@example.com');
      const response = await browser.fetch(answer, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
      await browser.goto(answer);
      expect(await isSignedIn(browser)).toBe(true);
    },
  );
});

async function startOf(browser: Browser): Promise<string> {
  const response = await browser.fetch(`${system.webUrl}/auth/signin`);
  return response.headers.get('location') ?? '';
}
