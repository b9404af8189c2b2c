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
      const answer = (state: string) =>
        browser.fetch(
          `${system.webUrl}/auth/redirect?error=${error}&error_description=AADSTS50076:+words&state=${state}`,
        );
      const first = stateOf(
        (await browser.fetch(`${system.webUrl}/auth/signin?returnTo=/users/id`)).headers.get('location'),
      );
      const calls = await tokenCallsOf(system, async () => {
        const again = await answer(first);
        expect(again.status).toBe(302);
        expect(system.logged.join('\n')).toContain(`${error} AADSTS50076`);
        const second = stateOf(again.headers.get('location'));
        expect(second).not.toBe(first);
        // The first attempt is over, so its answer starts nothing more.
        expect((await answer(first)).status).toBe(400);
        const last = await answer(second);
        expect([last.status, last.headers.has('location')]).toEqual([400, false]);
        const text = await last.text();
        expect(text).toContain('href="/auth/signin?returnTo=%2Fusers%2Fid"');
        expect(text).toContain('AADSTS50076');
      });
      expect(calls).toBe(0);
      expect([...browser.cookies.keys()]).toEqual([]);
    },
  );

  test.each([
    ['a policy blocks it', 'access_denied', 'AADSTS53003', 403, 'Sign-in is blocked'],
    ['the customer may not use the app', 'access_denied', 'AADSTS131010', 403, 'Sign-in is not allowed'],
    ['consent is refused', 'access_denied', 'AADSTS65004', 403, 'Sign-in is not allowed'],
    ['an administrator must consent', 'access_denied', 'AADSTS90094', 403, 'Sign-in is not allowed'],
    ['the app has no such permission', 'invalid_client', 'AADSTS650052', 502, 'not set up correctly'],
    ['the API is unknown', 'invalid_resource', 'AADSTS500011', 502, 'not set up correctly'],
    ['the app needs a key of its own', 'invalid_request', 'AADSTS50146', 502, 'not set up correctly'],
    ['a scope is wrong', 'invalid_scope', 'AADSTS70011', 502, 'not set up correctly'],
    ['the account is locked', 'access_denied', 'AADSTS50053', 503, 'Wait a few minutes'],
    ['the number is unknown', 'access_denied', 'AADSTS1234567', 400, 'did not accept this sign-in'],
  ])(
    'A-24 when %s (%s %s), the page says so, with the number in page and log',
    async (_why, error, code, status, text) => {
      const browser = new Browser();
      const state = new URL(await startOf(system.webUrl, browser)).searchParams.get('state');
      const lines = system.logged.length;
      const query = new URLSearchParams({ error, state: state ?? '', error_description: `${code}: Alice may not.` });
      const page = await browser.goto(`${system.webUrl}/auth/redirect?${query}`);
      expect(page.status).toBe(status);
      expect(browser.text()).toContain(text);
      expect(browser.text()).toContain(code);
      expect(browser.text()).not.toContain('cancelled');
      const logged = system.logged.slice(lines).join('\n');
      expect(logged).toContain(code);
      expect(logged).not.toContain('Alice may not');
    },
  );

  test('A-20 with error_subcode=cancel is a cancelled sign-in, whatever number comes with it', async () => {
    const browser = new Browser();
    const state = new URL(await startOf(system.webUrl, browser)).searchParams.get('state');
    const query = new URLSearchParams({ error: 'access_denied', error_subcode: 'cancel', state: state ?? '' });
    query.set('error_description', 'AADSTS65004: declined.');
    await browser.goto(`${system.webUrl}/auth/redirect?${query}`);
    expect(browser.text()).toContain('Sign-in was cancelled');
    expect(system.logged.filter((line) => line.includes('sign-in-cancelled')).at(-1)).toContain('AADSTS65004');
  });

  test.each([
    ['with a state that nobody knows', { state: 'x'.repeat(43) }],
    ['without a state', {}],
  ])('A-25 with a numbered error %s logs the number', async (_name, state) => {
    const browser = new Browser();
    await startOf(system.webUrl, browser);
    const query = { error: 'server_error', error_description: 'AADSTS90051: words', ...state };
    const lines = system.logged.length;
    const page = await browser.goto(`${system.webUrl}/auth/redirect?${new URLSearchParams(query)}`);
    expect(page.status).toBe(400);
    expect(system.logged.slice(lines).join('\n')).toContain('AADSTS90051');
  });

  test('A-11 without any cookie says that the browser sends none, and does not offer the same trip again', async () => {
    const answer = await startOf(system.webUrl, new Browser());
    const state = new URL(answer).searchParams.get('state');
    const browser = new Browser();
    const page = await browser.goto(`${system.webUrl}/auth/redirect?code=c&state=${state}`);
    expect([page.status, browser.text().includes('sent no cookies')]).toEqual([400, true]);
    expect(page.html).not.toContain('href="/auth/signin');
  });

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
