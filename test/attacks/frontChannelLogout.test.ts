import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import type { Browser } from '../support/Browser.ts';
import { claimOn } from '../support/page.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

const records = new WatchedKeyValueStore();
let system: System;
let alice: Browser;
let bob: Browser;
beforeAll(async () => {
  system = await startSystem({}, records);
  bob = await system.signedIn('bob@example.com');
});
beforeEach(async () => {
  alice = await system.signedIn('alice@example.com');
});
afterEach(() => {
  records.isAway = () => false;
});
afterAll(() => system.stop());

async function sidOf(browser: Browser): Promise<string> {
  const { html } = await browser.goto(`${system.webUrl}/users/id`);
  return claimOn(html, 'sid');
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  return (await browser.fetch(`${system.webUrl}/users/id`)).status === 200;
}

const logoutUrl = (query: string, webUrl = system.webUrl) => `${webUrl}/auth/front-channel-logout${query}`;

/** The tenant's request, without the app's cookies. @returns the response without parts that always differ */
async function callLogout(query: string) {
  const answer = await send(logoutUrl(query));
  const headers: Record<string, string> = { ...Object.fromEntries(answer.headers), date: '', 'x-request-id': '' };
  return { status: answer.status, headers, body: await answer.text() };
}

describe('front-channel logout', () => {
  test('A-79 ends the session with this sid and all its records, and no other session', async () => {
    const kept = () => [...records.keys].filter((key) => !key.startsWith('web:v1:used'));
    const keptBefore = kept();
    const another = await system.signedIn('alice@example.com');
    const answer = await callLogout(`?sid=${await sidOf(another)}`);
    expect([answer.status, answer.body, answer.headers['cache-control']]).toEqual([200, '', 'no-store']);
    expect([await isSignedIn(another), await isSignedIn(alice), await isSignedIn(bob)]).toEqual([false, true, true]);
    expect(kept()).toEqual(keptBefore);
  });

  test('A-79 accepts the tenant’s issuer beside the sid', async () => {
    const iss = `https://${system.tenantId}.ciamlogin.com/${system.tenantId}/v2.0`;
    await callLogout(`?${new URLSearchParams({ iss, sid: await sidOf(alice) })}`);
    expect(await isSignedIn(alice)).toBe(false);
  });

  test.each<readonly [string, (sid: string) => string]>([
    ['a sid of nobody', () => '?sid=4b1a8a0e-7d0c-4cde-9a53-0f6d3f2f4c11'],
    ['no query', () => ''],
    ['no sid', () => '?iss=x'],
    ['an empty sid', () => '?sid='],
    ['two sids', (sid) => `?sid=${sid}&sid=${sid}`],
    ['a sid in brackets', (sid) => `?sid[]=${sid}`],
    ['a sid with a key', (sid) => `?sid[a]=${sid}`],
    ['a sid of 10,000 characters', () => `?sid=${'x'.repeat(10_000)}`],
    ['a sid with more after it', (sid) => `?sid=${sid}0`],
    ['the beginning of a sid', (sid) => `?sid=${sid.slice(0, -1)}`],
    ['the sid in capitals', (sid) => `?sid=${sid.toUpperCase()}`],
    ['the name of a record', () => '?sid=*'],
    ['bytes that are no text', () => '?sid=%ff%fe'],
    ['the name of an inherited property', () => '?sid=__proto__&iss=constructor'],
    ['another issuer', (sid) => `?sid=${sid}&iss=https://evil.example/`],
    ['an empty issuer', (sid) => `?sid=${sid}&iss=`],
    ['the issuer twice', (sid) => `?sid=${sid}&iss=${issuer()}&iss=${issuer()}`],
    ['the issuer with a slash', (sid) => `?sid=${sid}&iss=${issuer()}/`],
    ['the session id of a customer', () => `?sid=${sessionIdOf(alice)}`],
  ])('A-79 with %s ends no session and answers as if it had', async (_case, query) => {
    const known = await sidOf(await system.signedIn('alice@example.com'));
    const answer = await callLogout(query(await sidOf(alice)));
    expect([await isSignedIn(alice), await isSignedIn(bob)]).toEqual([true, true]);
    expect(answer).toEqual(await callLogout(`?sid=${known}`));
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  test('A-79 ignores the request’s cookies and neither sets nor clears any', async () => {
    const answer = await alice.fetch(logoutUrl('?sid=x'));
    expect([answer.status, answer.headers.has('set-cookie')]).toEqual([200, false]);
    expect(await isSignedIn(alice)).toBe(true);
  });

  test('A-79 may be framed by the tenant only, and no other path by anyone', async () => {
    const { headers } = await callLogout('?sid=x');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ${system.tenantUrl}`,
    );
    expect(headers).not.toHaveProperty('x-frame-options');
    const others = [
      '/',
      '/auth/signout',
      '/auth/signed-out',
      '/auth/front-channel-logout/',
      '/AUTH/front-channel-logout',
    ];
    for (const path of others) {
      const other = await send(system.webUrl + path);
      expect(other.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(other.headers.get('x-frame-options')).toBe('DENY');
    }
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])('A-79 by %s is refused and ends nothing', async (method) => {
    const answer = await send(logoutUrl(`?sid=${await sidOf(alice)}`), { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    expect(await isSignedIn(alice)).toBe(true);
  });

  test.each(['members web:v1:sid', 'delete web:v1:session', 'remove web:v1:sid'])(
    'A-79 answers with an error while the records are unavailable (%s), and can be repeated',
    async (call) => {
      const query = `?sid=${await sidOf(alice)}`;
      records.isAway = (method, key) => `${method} ${key}`.startsWith(call);
      const answer = await send(logoutUrl(query));
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      records.isAway = () => false;
      await callLogout(query);
      expect(await isSignedIn(alice)).toBe(false);
    },
  );

  test('A-79 with only a sid needs no tenant metadata', async () => {
    const url = await system.startWeb({}, { metadata: unknown() });
    const sid = await sidOf(alice);
    expect((await send(logoutUrl(`?sid=${sid}&iss=${issuer()}`, url))).status).toBe(503);
    expect(await isSignedIn(alice)).toBe(true);
    expect((await send(logoutUrl(`?sid=${sid}`, url))).status).toBe(200);
    expect(await isSignedIn(alice)).toBe(false);
  });

  test.each([
    ['reads', 'get', 'access', null],
    ['renews tokens', 'replace', 'msal', 60],
  ] as const)('A-75 ends the session although another request still %s', async (_what, method, kind, seconds) => {
    await system.control('access-token-lifetime', { seconds });
    const browser = await system.signedIn('alice@example.com');
    await system.control('access-token-lifetime', { seconds: null });
    const sid = await sidOf(browser);
    const held = records.hold(method, kind);
    const late = browser.fetch(`${system.webUrl}/todos`);
    await held.arrived;
    expect((await callLogout(`?sid=${sid}`)).status).toBe(200);
    held.release();
    expect([200, 303]).toContain((await late).status);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test('A-80 is the only channel: back-channel logout is 404 and ends no session', async () => {
    const sid = await sidOf(alice);
    for (const path of [
      '/auth/back-channel-logout',
      '/auth/backchannel-logout',
      '/auth/logout',
      '/backchannel-logout',
    ]) {
      const body = new URLSearchParams({ logout_token: 'eyJhbGciOiJub25lIn0.e30.', sid });
      expect((await send(system.webUrl + path, { method: 'POST', body })).status).toBe(404);
    }
    const body = new URLSearchParams({ logout_token: 'eyJhbGciOiJub25lIn0.e30.', sid });
    expect((await send(logoutUrl(''), { method: 'POST', body })).status).toBe(405);
    expect(await isSignedIn(alice)).toBe(true);
  });
});

function issuer(): string {
  return `https://${system.tenantId}.ciamlogin.com/${system.tenantId}/v2.0`;
}

function sessionIdOf(browser: Browser): string {
  return /^s%3A([\w-]+)\./.exec(browser.cookies.get('session')?.value ?? '')?.[1] ?? '';
}

function unknown() {
  const current = () => {
    throw new TenantUnavailable('not known yet');
  };
  return { ready: () => false, current };
}
