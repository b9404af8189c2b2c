import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

import { answerOf, isSignedIn, startOf, tokenCallsOf, withParameters } from './callbackSteps.ts';

const records = new WatchedKeyValueStore();
let system: System;
beforeAll(async () => {
  system = await startSystem({}, records);
});
afterAll(() => system.stop());

describe('the redirect URI', () => {
  test('A-20 with error=access_denied redirects home and says that sign-in was cancelled', async () => {
    const browser = new Browser();
    const [kept, lines] = [[...records.keys], system.logged.length];
    await browser.goto(`${system.webUrl}/auth/signin`);
    const page = await browser.submit('Cancel');
    expect([page.status, page.url.pathname]).toEqual([200, '/']);
    expect(browser.text()).toContain('Sign-in was cancelled');
    expect([...records.keys]).toEqual(kept);
    const logged = system.logged.slice(lines).join('\n');
    expect(logged).toContain('"event":"sign-in-cancelled"');
    expect(logged).not.toMatch(/refused|failed/);
  });

  test.each(['login_required', 'interaction_required', 'consent_required'])(
    'A-21 with error=%s starts over once, but not twice',
    async (error) => {
      const browser = new Browser();
      const stateOf = (location: string | null) => new URL(location ?? '').searchParams.get('state') ?? '';
      const answer = (state: string) => browser.fetch(`${system.webUrl}/auth/redirect?error=${error}&state=${state}`);
      const first = stateOf(
        (await browser.fetch(`${system.webUrl}/auth/signin?returnTo=/users/id`)).headers.get('location'),
      );
      const calls = await tokenCallsOf(system, async () => {
        const again = await answer(first);
        expect(again.status).toBe(302);
        const second = stateOf(again.headers.get('location'));
        expect(second).not.toBe(first);
        // The first attempt is over, so its answer starts nothing more.
        expect((await answer(first)).status).toBe(400);
        const last = await answer(second);
        expect([last.status, last.headers.has('location')]).toEqual([400, false]);
        expect(await last.text()).toContain('href="/auth/signin?returnTo=%2Fusers%2Fid"');
      });
      expect(calls).toBe(0);
      expect([...browser.cookies.keys()]).toEqual([]);
    },
  );

  test.each(['temporarily_unavailable', 'server_error'])('A-22 with error=%s says when to try again', async (error) => {
    const browser = new Browser();
    const state = new URL(await startOf(system.webUrl, browser)).searchParams.get('state');
    const page = await browser.goto(`${system.webUrl}/auth/redirect?error=${error}&state=${state}`);
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5']);
  });

  test('A-24 with an error and a valid code signs nobody in, and never shows what the tenant wrote', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const changes = { error: 'invalid_request', error_description: 'AADSTS90023: <b>words of the tenant</b>' };
    const calls = await tokenCallsOf(system, async () => {
      await browser.goto(withParameters(answer, changes));
      // The attempt is over: its code cannot sign in later either.
      expect((await browser.fetch(answer)).status).toBe(400);
    });
    const { page } = browser;
    expect([page.status, calls]).toEqual([400, 0]);
    expect(page.html).not.toContain('words of the tenant');
    expect(system.logged.join('\n')).toContain('invalid_request AADSTS90023');
    expect(system.logged.join('\n')).not.toContain('words of the tenant');
    expect(await isSignedIn(system.webUrl, browser)).toBe(false);
  });

  test.each(['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'A-26 with %s gets 405, and the pending sign-in stays',
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
