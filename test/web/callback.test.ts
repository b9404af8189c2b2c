import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

import { answerOf, isSignedIn, tokenCallsOf, withParameters } from './callbackSteps.ts';

const records = new WatchedKeyValueStore();
let system: System;
beforeAll(async () => {
  system = await startSystem({}, records);
});
afterAll(() => system.stop());

async function expectRestart(browser: Browser, url: URL | string): Promise<void> {
  const page = await browser.goto(url);
  expect(page.status).toBe(400);
  expect(browser.text()).toContain('We couldn’t complete sign-in');
  expect(browser.text()).toContain('Start again');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(await isSignedIn(system.webUrl, browser)).toBe(false);
}

/** The same, and the app did not call the tenant. */
async function expectRestartUnasked(browser: Browser, url: URL | string): Promise<void> {
  expect(await tokenCallsOf(system, () => expectRestart(browser, url))).toBe(0);
}

describe('the redirect URI', () => {
  const expectRestartWith = (query: string) =>
    expectRestartUnasked(new Browser(), `${system.webUrl}/auth/redirect${query}`);

  test('A-01 with no parameters offers to start again', () => expectRestartWith(''));

  test('A-02 with a code and no state offers to start again', () => expectRestartWith('?code=abc'));

  test('A-03 with a state that this browser does not know offers to start again', () =>
    expectRestartWith('?code=x&state=y'));

  test("A-03 with an attacker's code and state does not sign the victim in as the attacker", async () => {
    const victim = await system.signedIn('bob@example.com');
    const session = victim.cookies.get('session');
    const planted = await answerOf(system.webUrl, new Browser(), 'alice@example.com');
    expect(await tokenCallsOf(system, () => victim.goto(planted))).toBe(0);
    expect(victim.cookies.get('session')).toEqual(session);
    expect((await victim.goto(`${system.webUrl}/users/id`)).html).toContain('bob@example.com');
  });

  test.each([
    ['of 9 KB', 'x'.repeat(9 * 1024)],
    ['with NUL', 'a%00b'],
    ['with a line break', 'a%0d%0aSet-Cookie:%20a=b'],
    ['with other letters', '%E4%B8%AD'],
  ])('A-12 with a code %s offers to start again, even with a state of this browser', async (_name, code) => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const { state } = Object.fromEntries(answer.searchParams);
    await expectRestartUnasked(browser, `${system.webUrl}/auth/redirect?state=${state}&code=${code}`);
    await browser.goto(answer);
    expect(await isSignedIn(system.webUrl, browser)).toBe(true);
  });

  test.each([
    ['no state', '?error=access_denied'],
    ['a foreign state', '?error=access_denied&state=y'],
  ])('A-25 with an error and %s offers to start again, and ends no pending sign-in', async (_name, query) => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    await expectRestartUnasked(browser, `${system.webUrl}/auth/redirect${query}`);
    await browser.goto(answer);
    expect(await isSignedIn(system.webUrl, browser)).toBe(true);
  });

  test.each([
    ['two states', '?code=x&state=y&state=z'],
    ['an object for a state', '?code=x&state[a]=y'],
    ['a long state', `?code=x&state=${'y'.repeat(129)}`],
  ])('A-104 with %s offers to start again', (_name, query) => expectRestartWith(query));

  test('A-04 with the state of another browser offers to start again, and the other browser can continue', async () => {
    const owner = new Browser();
    const answer = await answerOf(system.webUrl, owner, 'alice@example.com');
    await expectRestartUnasked(new Browser(), answer);
    await owner.goto(answer);
    expect(await isSignedIn(system.webUrl, owner)).toBe(true);
  });

  test('A-07 reloaded after the sign-in redirects home, with the same session', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    await browser.goto(answer);
    const session = browser.cookies.get('session')?.value;
    const calls = await tokenCallsOf(system, async () => {
      expect((await browser.goto(answer)).url.pathname).toBe('/');
    });
    expect(calls).toBe(0);
    expect(browser.cookies.get('session')?.value).toBe(session);
    expect(await isSignedIn(system.webUrl, browser)).toBe(true);
  });

  test('A-08 sent again after sign-out offers to start again', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const attempt = [...browser.cookies].filter(([name]) => name.startsWith('signin.'));
    await browser.goto(answer);
    await browser.submit('Sign out');
    expect(attempt).toHaveLength(1);
    for (const [name, cookie] of attempt) browser.cookies.set(name, cookie);
    await expectRestartUnasked(browser, answer);
  });

  test('A-11 with a cookie that cannot be opened offers to start again, and clears that cookie', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const [name = ''] = [...browser.cookies.keys()].filter((cookie) => cookie.startsWith('signin.'));
    browser.cookies.set(name, { value: 'sealed.with.a.lost.secret', path: '/' });
    const refused = await browser.fetch(answer);
    expect([refused.status, browser.cookies.has(name)]).toEqual([400, false]);
  });

  test('A-09 requested three times at once calls the tenant once, and begins one session', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
    const deliver = () => send(answer, { headers: { cookie } });
    const sessions = () => [...records.keys].filter((key) => key.startsWith('web:v1:session:')).length;
    const before = sessions();
    let answers: Response[] = [];
    const calls = await tokenCallsOf(system, async () => {
      answers = await Promise.all([deliver(), deliver(), deliver()]);
    });
    expect([calls, sessions() - before]).toEqual([1, 1]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400]);
    expect(answers.filter(({ headers }) => /session=s/.test(headers.getSetCookie().join()))).toHaveLength(1);
  });

  test.each([
    ['one character', 'x'],
    ['8 KB', 'x'.repeat(8192)],
    ['what is not a code of this tenant', '../../etc/passwd&scope=x'],
  ])('A-12 with %s as the code and the right state offers to start again', async (_name, code) => {
    const browser = new Browser();
    await expectRestart(browser, withParameters(await answerOf(system.webUrl, browser, 'alice@example.com'), { code }));
  });

  test.each([
    ['another host', 'https://evil.example/v2.0'],
    ['a trailing slash', 'slash'],
    ['another case', 'case'],
  ])('A-14 with an `iss` of %s offers to start again', async (_name, iss) => {
    const issuer = `https://${system.tenantId}.ciamlogin.com/${system.tenantId}/v2.0`;
    const forms: Readonly<Record<string, string>> = { slash: `${issuer}/`, case: issuer.toUpperCase() };
    const browser = new Browser();
    await expectRestartUnasked(
      browser,
      withParameters(await answerOf(system.webUrl, browser, 'alice@example.com'), { iss: forms[iss] ?? iss }),
    );
  });

  test('with the right `iss` signs in', async () => {
    const browser = new Browser();
    const iss = `https://${system.tenantId}.ciamlogin.com/${system.tenantId}/v2.0`;
    await browser.goto(withParameters(await answerOf(system.webUrl, browser, 'alice@example.com'), { iss }));
    expect(await isSignedIn(system.webUrl, browser)).toBe(true);
  });
});
