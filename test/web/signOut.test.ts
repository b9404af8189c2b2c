import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import { Browser } from '../support/Browser.ts';
import { claimOn } from '../support/page.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

const records = new WatchedKeyValueStore();
let system: System;
let browser: Browser;
beforeAll(async () => {
  system = await startSystem({}, records);
});
afterAll(() => system.stop());
beforeEach(async () => {
  records.keys.clear();
  browser = await system.signedIn('alice@example.com');
  await browser.goto(`${system.webUrl}/auth/signout`);
});

const hasRecords = () => [...records.keys].some((key) => !key.startsWith('web:v1:used:'));

/** Sends the form of the sign-out page without following the redirect. */
async function signOut(url = system.webUrl): Promise<Response> {
  const body = new URLSearchParams(browser.form('Sign out').fields);
  return await browser.fetch(`${url}/auth/signout`, { method: 'POST', body });
}

/** The tenant tells the app that the customer signed out. */
async function endedElsewhere(): Promise<void> {
  await browser.goto(`${system.webUrl}/users/id`);
  await send(`${system.webUrl}/auth/front-channel-logout?sid=${claimOn(browser.page.html, 'sid')}`);
}

async function isSignedIn(): Promise<boolean> {
  return (await browser.goto(`${system.webUrl}/users/id`, {}, () => true)).status === 200;
}

describe('signing out', () => {
  test.each([
    ['a link', {}],
    ['an image of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('A-71 by %s shows a button, and the customer stays signed in', async (_name, headers) => {
    const page = await browser.goto(`${system.webUrl}/auth/signout`, { headers });
    expect([page.status, browser.form('Sign out').action]).toEqual([200, '/auth/signout']);
    expect(await isSignedIn()).toBe(true);
  });

  test('A-72 by a form without its token is refused', async () => {
    const answer = await browser.fetch(`${system.webUrl}/auth/signout`, {
      method: 'POST',
      body: new URLSearchParams(),
    });
    expect([answer.status, answer.headers.has('set-cookie')]).toEqual([403, false]);
    expect(await isSignedIn()).toBe(true);
  });

  test('A-73 deletes session and tokens, clears the cookie, and redirects to the tenant', async () => {
    expect(hasRecords()).toBe(true);
    await browser.goto(`${system.webUrl}/users/id`);
    const hint = claimOn(browser.page.html, 'login_hint');
    await browser.goto(`${system.webUrl}/auth/signout`);
    const answer = await signOut();
    expect([answer.status, hasRecords()]).toEqual([303, false]);
    expect(answer.headers.getSetCookie()).toContain(
      'session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
    );
    const target = new URL(answer.headers.get('location') ?? '');
    expect(target.origin + target.pathname).toBe(`${system.tenantUrl}/${system.tenantId}/oauth2/v2.0/logout`);
    expect(Object.fromEntries(target.searchParams)).toEqual({
      post_logout_redirect_uri: `${system.webUrl}/auth/signed-out`,
      logout_hint: hint,
    });
    expect(hint).toBeTruthy();
    const page = await browser.goto(target);
    expect([page.status, page.url.href]).toEqual([200, `${system.webUrl}/auth/signed-out`]);
    expect(browser.text()).toContain('You are signed out');
  });

  test.each<[state: string, prepare: () => Promise<unknown>]>([
    ['signed out in another tab', () => signOut()],
    ['signed out elsewhere', () => endedElsewhere()],
    ['has a cookie that we did not sign', async () => browser.cookies.set('session', { value: 's%3Ax.y', path: '/' })],
  ])('of a browser that %s leads to the signed-out page, and clears the cookie', async (_state, prepare) => {
    const cookie = browser.cookies.get('session');
    const body = new URLSearchParams(browser.form('Sign out').fields);
    await prepare();
    if (!browser.cookies.has('session') && cookie) browser.cookies.set('session', cookie);
    const answer = await browser.fetch(`${system.webUrl}/auth/signout`, { method: 'POST', body });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signed-out']);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^session=; Path=\/; Expires=Thu, 01 Jan 1970/),
    ]);
    expect(browser.cookies.has('session')).toBe(false);
  });

  test.each([{}, { body: new URLSearchParams() }, { body: '{}', headers: { 'content-type': 'application/json' } }])(
    'of a browser that never signed in leads to the signed-out page: %j',
    async (form) => {
      const answer = await new Browser().fetch(`${system.webUrl}/auth/signout`, { method: 'POST', ...form });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signed-out']);
      expect(answer.headers.has('set-cookie')).toBe(false);
    },
  );

  test("by another site's form, which comes without the cookie, does not clear the cookie", async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const answer = await send(`${system.webUrl}/auth/signout`, { method: 'POST', headers });
    expect([answer.status, answer.headers.has('set-cookie')]).toEqual([303, false]);
    expect(await isSignedIn()).toBe(true);
  });

  test('A-73 redirects to the configured tenant, whatever the form says', async () => {
    const evil = { post_logout_redirect_uri: 'https://evil.example', returnTo: 'https://evil.example' };
    const body = new URLSearchParams({ ...browser.form('Sign out').fields, ...evil });
    const query = new URLSearchParams(evil);
    const answer = await browser.fetch(`${system.webUrl}/auth/signout?${query}`, { method: 'POST', body });
    expect([answer.status, answer.headers.get('location')?.includes('evil')]).toEqual([303, false]);
  });

  test('A-76 leaves nothing for the back button: customer pages are not cached', async () => {
    for (const path of ['/', '/users/id', '/todos', '/auth/signout', '/auth/signed-out']) {
      const page = await browser.goto(system.webUrl + path);
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect([page.headers.has('etag'), page.headers.has('last-modified')]).toEqual([false, false]);
    }
  });

  test.each([
    ['signed out', 401],
    ['signed in again', 403],
  ])('A-76 makes earlier forms useless: %s, one gets %i', async (state, status) => {
    await browser.goto(`${system.webUrl}/todos`);
    const stale = browser.form('Add').fields;
    await browser.goto(`${system.webUrl}/auth/signout`);
    await signOut();
    if (state === 'signed in again') await browser.goto(`${system.webUrl}/auth/signin`);
    const body = new URLSearchParams({ ...stale, description: 'From an old page' });
    expect((await browser.fetch(`${system.webUrl}/todos`, { method: 'POST', body })).status).toBe(status);
  });

  test('A-77 makes a stolen cookie useless', async () => {
    const headers = { cookie: `session=${browser.cookies.get('session')?.value}` };
    expect((await send(`${system.webUrl}/users/id`, { headers })).status).toBe(200);
    await signOut();
    expect((await send(`${system.webUrl}/users/id`, { headers })).status).toBe(303);
    expect(await (await send(system.webUrl, { headers })).text()).not.toContain('Alice');
  });

  test.each(['', '?state=wrong', '?state=a&state=b', '?error=server_error'])(
    'A-78 returns to the same page with the query "%s"',
    async (query) => {
      const answer = await send(`${system.webUrl}/auth/signed-out${query}`);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('You are signed out');
    },
  );

  test('A-78 by somebody else’s link to that page does not sign out', async () => {
    await browser.goto(`${system.webUrl}/auth/signed-out`);
    expect(await isSignedIn()).toBe(true);
  });

  test('A-78 shows a customer who is signed in that they are, and no end of a session', async () => {
    const page = await browser.goto(`${system.webUrl}/auth/signed-out`);
    expect([page.status, browser.form('Sign out').action]).toEqual([200, '/auth/signout']);
    expect(browser.text()).toContain('You are signed in as Alice');
    expect(page.html).not.toMatch(/signed out|session has ended/i);
  });

  test("works before the tenant's metadata is known", async () => {
    const current = () => {
      throw new TenantUnavailable('not known yet');
    };
    const url = await system.startWeb({}, { metadata: { ready: () => false, current } });
    const answer = await signOut(url);
    expect([answer.status, answer.headers.get('location'), hasRecords()]).toEqual([303, '/auth/signed-out', false]);
  });

  test('works without the claims, and then sends no logout_hint', async () => {
    records.isAway = (method, key) => method === 'get' && key.startsWith('web:v1:claims');
    const answer = await signOut();
    records.isAway = () => false;
    const target = new URL(answer.headers.get('location') ?? '');
    expect([answer.status, target.searchParams.has('logout_hint'), hasRecords()]).toEqual([303, false, false]);
  });

  test('is not claimed to be complete while the records are unavailable', async () => {
    records.isAway = (method) => method === 'delete';
    const page = await browser.submit('Sign out');
    records.isAway = () => false;
    expect(browser.text()).toContain('Sign-out is not complete');
    expect(browser.text()).not.toContain('Alice');
    expect(browser.cookies.has('session')).toBe(false);
    expect([page.status, page.headers.get('retry-after'), page.headers.has('location')]).toEqual([503, '5', false]);
  });
});
