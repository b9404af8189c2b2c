import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededPassword } from '../../src/tenant/CustomerDirectory.ts';
import { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

import { answerOf, isSignedIn, startOf, withParameters } from './callbackSteps.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
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

describe('the redirect URI', () => {
  test.each([
    ['A-01 with no parameters', ''],
    ['A-02 with a code and no state', '?code=abc'],
    ['A-03 with a state that this browser does not know', '?code=x&state=y'],
    ['A-12 with a code of 9 KB', `?state=y&code=${'x'.repeat(9 * 1024)}`],
    ['A-12 with NUL in the code', '?state=y&code=a%00b'],
    ['A-12 with a line break in the code', '?state=y&code=a%0d%0aSet-Cookie:%20a=b'],
    ['A-12 with other letters in the code', '?state=y&code=%E4%B8%AD'],
    ['A-25 with an error and no state', '?error=access_denied'],
    ['A-25 with an error and a foreign state', '?error=access_denied&state=y'],
    ['A-104 with two states', '?code=x&state=y&state=z'],
    ['A-104 with an object for a state', '?code=x&state[a]=y'],
    ['A-104 with a long state', `?code=x&state=${'y'.repeat(129)}`],
  ])('%s offers to start again', async (_name, query) => {
    await expectRestart(new Browser(), `${system.webUrl}/auth/redirect${query}`);
  });

  test('A-04 with the state of another browser offers to start again, and the other goes on', async () => {
    const owner = new Browser();
    const answer = await answerOf(system.webUrl, owner, 'alice@example.com');
    await expectRestart(new Browser(), answer);
    await owner.goto(answer);
    expect(await isSignedIn(system.webUrl, owner)).toBe(true);
  });

  test('A-07 reloaded after the sign-in leads home, with the same session', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    await browser.goto(answer);
    const session = browser.cookies.get('session')?.value;
    expect((await browser.goto(answer)).url.pathname).toBe('/');
    expect(browser.cookies.get('session')?.value).toBe(session);
    expect(await isSignedIn(system.webUrl, browser)).toBe(true);
  });

  test('A-08 sent again after sign-out offers to start again', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const attempt = [...browser.cookies].filter(([name]) => name.startsWith('signin.'));
    await browser.goto(answer);
    await browser.submit('Sign out');
    for (const [name, cookie] of attempt) browser.cookies.set(name, cookie);
    await expectRestart(browser, answer);
  });

  test('A-09 delivered twice at the same time signs in once', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
    const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
    const deliver = () => send(answer, { headers: { cookie } });
    const answers = await Promise.all([deliver(), deliver(), deliver()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400]);
    expect(answers.filter(({ headers }) => /session=s/.test(headers.getSetCookie().join()))).toHaveLength(1);
  });

  test("A-11 with another customer's unused code signs nobody in", async () => {
    const [alice, bob] = [new Browser(), new Browser()];
    const ofAlice = await answerOf(system.webUrl, alice, 'alice@example.com');
    const ofBob = await answerOf(system.webUrl, bob, 'bob@example.com');
    await expectRestart(bob, withParameters(ofBob, { code: ofAlice.searchParams.get('code') ?? '' }));
  });

  test.each([
    ['A-12 of one character', 'x'],
    ['A-13 that is not a code', 'not-a-code-of-this-tenant'],
  ])('%s with the right state offers to start again', async (_name, code) => {
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
    await expectRestart(
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

  test('A-18 of six sign-ins in six tabs drops the oldest', async () => {
    const browser = new Browser();
    const states: string[] = [];
    for (let tab = 0; tab < 6; tab += 1) {
      const response = await browser.fetch(`${system.webUrl}/auth/signin`);
      states.push(new URL(response.headers.get('location') ?? '').searchParams.get('state') ?? '');
    }
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('signin.'))).toHaveLength(5);
    await expectRestart(browser, `${system.webUrl}/auth/redirect?code=x&state=${states[0]}`);
  });

  test('A-19 of two tabs with two customers leaves the second signed in, and nothing of the first', async () => {
    const browser = new Browser();
    const [first, second] = [
      new URL(await startOf(system.webUrl, browser)),
      new URL(await startOf(system.webUrl, browser)),
    ];
    await browser.goto(first);
    await browser.submit('Next', { email: 'alice@example.com' });
    await browser.submit('Sign in', { password: seededPassword });
    const ofAlice = browser.cookies.get('session')?.value;
    second.searchParams.set('prompt', 'login');
    await browser.goto(second);
    await browser.submit('Next', { email: 'bob@example.com' });
    await browser.submit('Sign in', { password: seededPassword });
    expect((await browser.goto(`${system.webUrl}/users/id`)).html).toContain('bob@example.com');
    expect(browser.page.html).not.toContain('alice@example.com');
    const stale = await send(`${system.webUrl}/users/id`, {
      headers: { cookie: `session=${ofAlice}` },
    });
    expect(stale.status).toBe(303);
  });
});
