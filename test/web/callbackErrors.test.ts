import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedRecords } from '../support/WatchedRecords.ts';

import { answerOf, isSignedIn, startOf, withParameters } from './callbackSteps.ts';

const records = new WatchedRecords();
let system: System;
beforeAll(async () => {
  system = await startSystem({}, records);
});
afterAll(() => system.stop());

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
      const again = await answer(await startOf(system.webUrl, browser));
      expect(again.status).toBe(302);
      expect((await answer(again.headers.get('location') ?? '')).status).toBe(400);
    },
  );

  test.each(['temporarily_unavailable', 'server_error'])('A-22 with error=%s says to try again', async (error) => {
    const browser = new Browser();
    const state = new URL(await startOf(system.webUrl, browser)).searchParams.get('state');
    const page = await browser.goto(`${system.webUrl}/auth/redirect?error=${error}&state=${state}`);
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5']);
  });

  test('A-24 with an error and a valid code signs nobody in, and never shows what the tenant wrote', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const changes = { error: 'invalid_request', error_description: 'AADSTS90023: <b>words of the tenant</b>' };
    const page = await browser.goto(withParameters(answer, changes));
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('words of the tenant');
    expect(system.logged.join('\n')).toContain('invalid_request AADSTS90023');
    expect(system.logged.join('\n')).not.toContain('words of the tenant');
    expect(await isSignedIn(system.webUrl, browser)).toBe(false);
  });

  test.each(['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'A-26 with %s is 405, and the attempt stays',
    async (method) => {
      const browser = new Browser();
      const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
      const response = await browser.fetch(answer, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
      await browser.goto(answer);
      expect(await isSignedIn(system.webUrl, browser)).toBe(true);
    },
  );
});
