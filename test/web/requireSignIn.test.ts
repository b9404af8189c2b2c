import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HttpClient } from '../../src/runtime/httpClient.ts';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

describe('a page for customers only', () => {
  test.each([
    ['GET', '/users/id'],
    ['HEAD', '/users/id'],
    ['GET', '/todos'],
    ['GET', '/todos?x=1&y=2'],
  ])('A-65 sends a stranger who goes to it by %s %s to sign in, and remembers it', async (method, path) => {
    const answer = await send(system.webUrl + path, { method, headers: { accept: 'text/html' } });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`/auth/signin?returnTo=${encodeURIComponent(path)}`);
    expect([answer.headers.get('cache-control'), answer.headers.has('set-cookie')]).toEqual(['no-store', false]);
  });

  test.each([
    ['GET', '/todos', { accept: 'application/json' }],
    ['GET', '/users/id', { accept: 'text/html', 'sec-fetch-mode': 'cors' }],
    ['GET', '/users/id', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'cross-site' }],
    ['POST', '/todos', { accept: 'application/json' }],
    ['POST', '/todos/1/delete', { 'sec-fetch-mode': 'same-origin' }],
  ])('A-65 tells a script that asks by %s %s with %j, in JSON', async (method, path, headers) => {
    const body = new URLSearchParams({ a: 'b' });
    const answer = await send(system.webUrl + path, { method, headers, ...(method === 'POST' && { body }) });
    expect([answer.status, answer.headers.has('location')]).toEqual([401, false]);
    expect(await answer.json()).toEqual({
      error: 'Please sign in',
      message: expect.any(String),
      requestId: answer.headers.get('x-request-id'),
    });
  });

  test.each(['/todos', '/todos/1', '/todos/1/delete'])('A-65 tells a stranger who sends a form to %s', async (path) => {
    const answer = await send(system.webUrl + path, {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams({ description: 'Of a stranger' }),
    });
    expect([answer.status, answer.headers.has('location')]).toEqual([401, false]);
    expect(await answer.text()).toContain('Of a stranger');
  });
});

describe('a sign-in that does not last', () => {
  /** An API that takes no token at all, so that its page asks for a sign-in each time. */
  const todoHttp: HttpClient = { request: async () => ({ status: 401, headers: {}, body: '' }) };
  let url: string;
  beforeAll(async () => {
    url = await system.startWeb({}, { todoHttp });
  });

  /** Goes to the list and follows wherever that leads, to its end. @returns how often the tenant was asked for tokens */
  async function goRound(browser: Browser): Promise<number> {
    const before = system.asked.length;
    await browser.goto(`${url}/todos`);
    while (browser.page.headers.has('location')) {
      await browser.goto(new URL(browser.page.headers.get('location') ?? '', browser.page.url));
    }
    return system.asked.slice(before).filter((asked) => asked.endsWith('/token')).length;
  }

  test('A-65 ends after three in a row with a page that says so', async () => {
    const browser = await system.signedIn('alice@example.com');
    // Three sign-ins, and one renewal for each of the four times that the API refused.
    expect(await goRound(browser)).toBe(7);
    expect([browser.page.status, browser.page.headers.get('retry-after')]).toEqual([429, '60']);
    expect(browser.text()).toContain('Sign-in does not last');
    expect(await goRound(browser)).toBe(1);
    expect(browser.page.status).toBe(429);
  });

  test('A-65 can be tried again when a minute has passed, after a sign-out, and at any time from the home page', async () => {
    const browser = await system.signedIn('bob@example.com');
    await goRound(browser);
    const rounds = browser.cookies.get('signin.rounds');
    // The browser forgets this cookie after a minute.
    browser.cookies.delete('signin.rounds');
    await goRound(browser);
    expect(browser.cookies.get('signin.rounds')).toEqual(rounds);
    expect((await browser.goto(`${url}/auth/signin`)).status).toBe(200);
    await browser.goto(`${url}/auth/signout`);
    await browser.submit('Sign out');
    expect(browser.cookies.has('signin.rounds')).toBe(false);
  });

  test('A-65 keeps its count for a minute, and takes nothing else for a count', async () => {
    const browser = await system.signedIn('alice@example.com');
    const isCallback = ({ pathname }: URL) => pathname === '/auth/redirect';
    for (const value of ['-9', '1e9', 'x', '%00', '33']) {
      browser.cookies.set('signin.rounds', { value, path: '/' });
      const { url: callback } = await browser.goto(`${url}/auth/signin?returnTo=/todos`, {}, isCallback);
      const answer = await browser.fetch(callback);
      const cookies = answer.headers.getSetCookie().filter((line) => line.startsWith('signin.rounds'));
      expect(cookies).toEqual([expect.stringMatching(/^signin\.rounds=1; Max-Age=60; .*HttpOnly; SameSite=Lax$/)]);
    }
  });
});
