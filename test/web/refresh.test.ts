import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { aMinuteLater, tokenCallsOf as tokenCallsIn } from './callbackSteps.ts';

let system: System;
let browser: Browser;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.control('reset', {});
  // Less than the five minutes for which a token must still be valid, so each page renews it.
  await system.control('access-token-lifetime', { seconds: 60 });
  browser = await system.signedIn('alice@example.com');
  await browser.goto(`${system.webUrl}/todos`);
});

afterEach(() => {
  vi.useRealTimers();
});

const tokenCallsOf = (work: () => Promise<unknown>) => tokenCallsIn(system, work);
const list = () => browser.fetch(`${system.webUrl}/todos`);
const claims = () => browser.fetch(`${system.webUrl}/users/id`);
const fault = (name: string, times = 1) => system.control('faults', { name, times });

describe('an access token that is about to expire', () => {
  test('is renewed without the customer noticing', async () => {
    expect(await tokenCallsOf(async () => expect((await list()).status).toBe(200))).toBe(1);
  });

  test('is not renewed again while the new one is valid', async () => {
    await system.control('access-token-lifetime', { seconds: 3600 });
    expect(await tokenCallsOf(list)).toBe(1);
    expect(await tokenCallsOf(list)).toBe(0);
  });

  test('is renewed once for twenty simultaneous requests', async () => {
    await system.control('access-token-lifetime', { seconds: 3600 });
    const calls = await tokenCallsOf(async () => {
      const all = await Promise.all(Array.from({ length: 20 }, list));
      expect(all.map(({ status }) => status)).toEqual(Array(20).fill(200));
    });
    expect(calls).toBe(1);
  });

  test('is renewed once for each customer', async () => {
    const bob = await system.signedIn('bob@example.com');
    await system.control('access-token-lifetime', { seconds: 3600 });
    const calls = await tokenCallsOf(() => Promise.all([list(), bob.fetch(`${system.webUrl}/todos`), list()]));
    expect(calls).toBe(2);
  });

  test('is not needed for a page that does not call the API', async () => {
    await fault('token-500');
    expect(await tokenCallsOf(async () => expect((await claims()).status).toBe(200))).toBe(0);
  });
});

describe('a tenant that cannot renew at the moment', () => {
  test.each([
    ['token-500', 503, '5'],
    ['token-429', 503, '30'],
    ['token-slow', 503, '5'],
    ['token-500-with-tokens', 503, '5'],
    ['token-html', 502, null],
    ['token-null', 502, null],
    ['token-type-mac', 502, null],
    ['token-access-token-number', 502, null],
    ['token-empty', 502, null],
    ['token-redirect-307', 502, null],
    ['token-redirect-307-host', 502, null],
    ['id-token-missing', 502, null],
    ['id-token-wrong-issuer', 502, null],
    ['id-token-wrong-signature', 502, null],
    ['id-token-wrong-audience', 502, null],
  ])('A-44 with %s leads to %i, and the customer stays signed in', async (name, status, retryAfter) => {
    await fault(name);
    const page = await browser.submit('Add', { description: 'Not lost' });
    expect([page.status, page.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(browser.text()).toContain('Not lost');
    expect((await claims()).status).toBe(200);
    await fault(name, 0);
    expect((await list()).status).toBe(200);
  });

  test('does not keep another customer from renewing', async () => {
    const bob = await system.signedIn('bob@example.com');
    await fault('token-429');
    expect((await list()).status).toBe(503);
    expect((await bob.fetch(`${system.webUrl}/todos`)).status).toBe(200);
  });
});

describe('a tenant that refuses to renew', () => {
  test.each([
    ['sub', 'id-token-other-sub'],
    ['oid', 'id-token-other-oid'],
    ['tid', 'id-token-wrong-tid'],
  ])('A-45 ends the session when it answers with another %s, and logs it', async (claim, name) => {
    const bob = await system.signedIn('bob@example.com');
    const lines = system.logged.length;
    await expectEnd(() => fault(name));
    const logged = system.logged.slice(lines).join('\n');
    expect(logged).toContain(`CustomerChanged: ${claim} changed on refresh`);
    expect(logged).not.toMatch(/eyJ|refresh_token/);
    expect((await bob.fetch(`${system.webUrl}/todos`)).status).toBe(200);
  });

  test('ends the session when the refresh token is revoked', () =>
    expectEnd(() => system.control('revoke', { email: 'alice@example.com' })));

  /** Expects that the session ends, also for a copy of its cookie, and that the customer can sign in again. */
  async function expectEnd(happen: () => Promise<void>): Promise<void> {
    const session = browser.cookies.get('session');
    aMinuteLater();
    await happen();
    const answer = await list();
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signin?returnTo=%2Ftodos']);
    expect(browser.cookies.has('session')).toBe(false);
    if (session) browser.cookies.set('session', session);
    expect((await claims()).status).toBe(303);
    expect((await browser.goto(`${system.webUrl}/todos`)).status).toBe(200);
  }

  test('ends a session that has just begun, and says that it cannot be kept', async () => {
    await system.control('revoke', { email: 'alice@example.com' });
    expect((await list()).status).toBe(429);
    expect(browser.cookies.has('session')).toBe(false);
  });

  test('shows the text of a form on a page for signed-out visitors', async () => {
    await system.control('revoke', { email: 'alice@example.com' });
    const page = await browser.submit('Add', { description: 'Not lost' });
    expect([page.status, browser.text().includes('Not lost')]).toEqual([401, true]);
    expect(browser.text()).not.toContain('Sign out');
    expect(browser.text()).not.toContain('Alice');
  });

  test('is reported to a script in JSON', async () => {
    await system.control('revoke', { email: 'alice@example.com' });
    const answer = await browser.fetch(`${system.webUrl}/todos`, { headers: { accept: 'application/json' } });
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ error: 'Please sign in' })]);
  });
});
