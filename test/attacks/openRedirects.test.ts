import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localPath } from '../../src/web/auth/localPath.ts';
import { PendingSignInSealer, pendingSignInId } from '../../src/web/auth/PendingSignInSealer.ts';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { leadsAway, readOpenRedirects } from './openRedirects.ts';

const groups = readOpenRedirects();
const payloads = groups.flatMap((group) => group.payloads);
const SESSION_SECRET = 'a-secret-that-the-test-opens-cookies-with';
const sealer = new PendingSignInSealer([SESSION_SECRET]);

let system: System;
let browser: Browser;
beforeAll(async () => {
  system = await startSystem({ SESSION_SECRET });
  browser = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());

/** Starts a sign-in and opens its cookie. @returns where the app would send the customer at the end */
async function rememberedPage(query: string): Promise<string> {
  const answer = await send(system.webUrl, { target: `/auth/signin?${query}` });
  expect(answer.status, query).toBe(302);
  const asked = new URL(answer.headers.get('location') ?? '');
  expect(asked.origin).toBe(system.tenantUrl);
  const state = asked.searchParams.get('state') ?? '';
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith(`signin.${pendingSignInId(state)}=`));
  return (await sealer.open(cookie?.split(/[=;]/)[1], state)).returnTo;
}

/** Completes a sign-in at a tenant that asks nothing. @returns where the app redirects at the end */
async function destinationOf(returnTo: string): Promise<string> {
  const isCallback = (url: URL) => url.pathname === '/auth/redirect';
  const start = `${system.webUrl}/auth/signin?${new URLSearchParams({ returnTo })}`;
  const answer = await browser.fetch((await browser.goto(start, {}, isCallback)).url);
  expect([answer.status, answer.headers.getSetCookie().join().includes('evil')]).toEqual([303, false]);
  return answer.headers.get('location') ?? '';
}

function expectOurs(location: string, payload: string): void {
  for (const base of [`${system.webUrl}/auth/redirect?state=s`, 'https://app.example/auth/redirect?state=s']) {
    expect(URL.canParse(location, base), JSON.stringify(payload)).toBe(true);
    expect(leadsAway(location, base), `${JSON.stringify(payload)} leads to ${location}`).toBe(false);
    expect(new URL(location, base).pathname, JSON.stringify(payload)).not.toMatch(/^\/auth(\/|$)/i);
  }
}

describe('a sign-in link with a returnTo to another site', () => {
  test.each(groups)('A-49 stays on this site: $name', async ({ payloads }) => {
    for (const payload of payloads) {
      expectOurs(localPath(payload), payload);
      // Not encoded where that is possible, so that the query parser decodes it once more; a raw & or # would end it.
      const isPrintable = /^[\x21-\x7e]*$/.test(payload);
      const raw = `returnTo=${payload.replace(/[&#]/g, encodeURIComponent)}`;
      const encoded = String(new URLSearchParams({ returnTo: payload }));
      expectOurs(await rememberedPage(isPrintable ? raw : encoded), payload);
    }
  });

  test.each(groups)('A-49 A-53 stays on this site after a complete sign-in: $name', async ({ payloads }) => {
    for (const place of [0, Math.floor(payloads.length / 2), -1]) {
      const payload = payloads.at(place) ?? '';
      expectOurs(await destinationOf(payload), payload);
    }
  });
});

describe('a sign-in link with a returnTo to this site', () => {
  test.each([
    '/',
    '/todos',
    '/users/id',
    '/todos?x=1',
    '/todos?x=1&y=2',
    '/todos?next=%2Fa',
    '/todos?next=//elsewhere',
    '/todos?q=a+b&r=%C3%A9',
    '/todos/17',
    '/a/b/c/d',
    '/a-b_c.d~e',
    '/a:b@c',
    "/(a)!$*,;='",
    '/authors',
    '/author/auth/',
    '/todos?x=auth/signin',
    '/%C3%A9',
    '/a%20b',
    '/.well-known/x',
  ])('A-52 is kept: %s', async (page) => {
    expect(localPath(page)).toBe(page);
    expect(await rememberedPage(String(new URLSearchParams({ returnTo: page })))).toBe(page);
  });
});

/** Common careless checks, and the least number of our payloads that each would miss. */
const careless: readonly (readonly [check: string, escapes: number, pass: (value: string) => string | undefined])[] = [
  ['takes whatever comes', 400, (value) => value],
  ['wants a slash first', 200, (value) => (value.startsWith('/') ? value : undefined)],
  ['wants one slash first', 60, (value) => (/^\/(?!\/)/.test(value) ? value : undefined)],
  ['wants one slash or backslash first', 13, (value) => (/^\/(?![/\\])/.test(value) ? value : undefined)],
  ['wants a slash, and nowhere two', 60, (value) => (/^\/(?!.*\/\/)/s.test(value) ? value : undefined)],
  ['trims it first', 60, (value) => (/^\/(?!\/)/.test(value.trim()) ? value : undefined)],
  ['looks for our host in it', 60, (value) => (value.includes('localhost') ? value : undefined)],
  ['refuses known schemes', 350, (value) => (/^(https?|javascript|data):/.test(value) ? undefined : value)],
  ['decodes what it checked', 40, (value) => (/^\/(?![/\\])/.test(value) ? decoded(value) : undefined)],
  ['normalises what it checked', 15, (value) => (/^\/(?![/\\])/.test(value) ? value.normalize('NFKC') : undefined)],
];

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

describe('the list of payloads', () => {
  test('A-49 has at least 500 distinct payloads in non-empty groups', () => {
    expect(payloads.length).toBeGreaterThanOrEqual(500);
    expect(new Set(payloads).size).toBe(payloads.length);
    for (const group of groups) expect(group.payloads.length, group.name).toBeGreaterThan(10);
  });

  test.each(careless)('A-49 defeats a check that %s with at least %d of them', (_check, escapes, pass) => {
    const through = payloads.filter((payload) => {
      const location = pass(payload);
      return location !== undefined && leadsAway(location, 'http://localhost/auth/redirect');
    });
    expect(through.length).toBeGreaterThanOrEqual(escapes);
  });
});
