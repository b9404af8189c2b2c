import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { startOf, tokenCallsOf } from '../web/callbackSteps.ts';

let system: System;
let browser: Browser;
beforeAll(async () => {
  system = await startSystem();
  browser = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());

/** Delivers a response to a signed-in browser and expects that its session stays the same. */
async function expectKept(query: string, status: number, path: string, calls = 0): Promise<void> {
  const session = browser.cookies.get('session');
  const asked = await tokenCallsOf(system, async () => {
    const page = await browser.goto(`${system.webUrl}/auth/redirect?${query}`);
    expect([page.status, page.url.pathname]).toEqual([status, path]);
  });
  expect(asked).toBe(calls);
  expect(browser.cookies.get('session')).toEqual(session);
  expect((await browser.goto(`${system.webUrl}/users/id`)).html).toContain('alice@example.com');
}

describe('a signed-in customer stays signed in', () => {
  test('A-01 when a response is empty', () => expectKept('', 400, '/auth/redirect'));

  test('A-02 when a response has no state', () => expectKept('code=x', 400, '/auth/redirect'));

  test('A-03 when a response has an unknown state, and is redirected home', () =>
    expectKept('code=x&state=y', 200, '/'));

  test('A-25 when an error has an unknown state, and is redirected home', () =>
    expectKept('error=server_error&state=y', 200, '/'));

  test.each([
    ['A-12', 'has a code that is none', 'code=x', 400, 1],
    ['A-14', 'has a foreign issuer', 'code=x&iss=https://evil.example', 400, 0],
    ['A-20', 'cancels', 'error=access_denied', 200, 0],
    ['A-22', 'is away', 'error=temporarily_unavailable', 503, 0],
    ['A-24', 'has an error beside a code', 'code=x&error=server_error', 503, 0],
  ] as const)('%s when the response to their own sign-in %s', async (...row) => {
    const [, , query, status, calls] = row;
    const state = new URL(await startOf(system.webUrl, browser)).searchParams.get('state');
    await expectKept(`${query}&state=${state}`, status, status === 200 ? '/' : '/auth/redirect', calls);
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('signin.'))).toEqual([]);
  });
});
