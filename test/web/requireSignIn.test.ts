import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HttpClient } from '../../src/runtime/httpClient.ts';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { aMinuteLater } from './callbackSteps.ts';

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
  ])('A-65 redirects anonymous visitors of %s %s to sign in, and remembers the page', async (method, path) => {
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
  ])('A-65 answers an anonymous script %s %s with %j in JSON', async (method, path, headers) => {
    const body = new URLSearchParams({ a: 'b' });
    const answer = await send(system.webUrl + path, { method, headers, ...(method === 'POST' && { body }) });
    expect([answer.status, answer.headers.has('location')]).toEqual([401, false]);
    expect(await answer.json()).toEqual({
      error: 'Please sign in',
      message: expect.any(String),
      requestId: answer.headers.get('x-request-id'),
    });
  });

  test.each(['/todos', '/todos/1', '/todos/1/delete'])(
    'A-65 asks anonymous visitors who send a form to %s to sign in',
    async (path) => {
      const answer = await send(system.webUrl + path, {
        method: 'POST',
        headers: { accept: 'text/html' },
        body: new URLSearchParams({ description: 'Of a stranger' }),
      });
      expect([answer.status, answer.headers.has('location')]).toEqual([401, false]);
      expect(await answer.text()).toContain('Of a stranger');
    },
  );
});

describe('a session that asks for a sign-in again', () => {
  /** An API that refuses every token, so that its page asks for a sign-in each time. */
  const todoHttp: HttpClient = { request: async () => ({ status: 401, headers: {}, body: '' }) };
  let url: string;
  let browser: Browser;
  beforeAll(async () => {
    url = await system.startWeb({}, { todoHttp });
  });
  beforeEach(async () => {
    browser = await system.signedIn('alice@example.com');
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('A-65 within a minute shows a page that says so, and does not redirect to the tenant', async () => {
    const page = await browser.goto(`${url}/todos`);
    expect([page.status, page.headers.get('retry-after'), page.url.pathname]).toEqual([429, '60', '/todos']);
    expect(browser.text()).toContain('We can’t keep you signed in');
    expect((await browser.goto(`${url}/users/id`)).status).toBe(200);
  });

  test('A-65 after a minute redirects to sign in, once', async () => {
    aMinuteLater();
    const answer = await browser.fetch(`${url}/todos`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signin?returnTo=%2Ftodos']);
    const page = await browser.goto(`${url}/todos`);
    expect([page.status, page.url.pathname]).toEqual([429, '/todos']);
  });

  test('A-65 does not keep the customer from signing in again from the home page', async () => {
    await browser.goto(`${url}/todos`);
    expect((await browser.goto(`${url}/auth/signin`)).status).toBe(200);
  });

  test("A-65 still shows a form's text, and answers a script in JSON", async () => {
    await browser.goto(`${url}/auth/signout`);
    const { _csrf = '' } = browser.form('Sign out').fields;
    const body = new URLSearchParams({ _csrf, description: 'Not lost' });
    const page = await browser.goto(`${url}/todos`, { method: 'POST', body });
    expect([page.status, browser.text().includes('Not lost')]).toEqual([401, true]);
    const answer = await browser.fetch(`${url}/todos`, { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(401);
  });
});
