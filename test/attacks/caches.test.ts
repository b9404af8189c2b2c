import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

// An attacker could make a cache store another customer's page, or an error for everybody.

let system: System;
let alice: Browser;
beforeAll(async () => {
  system = await startSystem();
  alice = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());

const suffixes = ['/x.css', '/app.css', '.css', '%2fx.css', '%00.css', '%3fx.css', ';x.css', '%0a.css', '%23.css'];

describe('a cache that stores whatever looks like a file', () => {
  test.each(suffixes)('A-90 finds no customer page under a page address followed by %s', async (suffix) => {
    for (const page of ['/users/id', '/todos', '/auth/signout']) {
      const answer = await alice.fetch(system.webUrl, { target: page + suffix });
      // Only forms use /todos/….
      expect([404, 405]).toContain(answer.status);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(await answer.text()).not.toMatch(/Alice|alice@/);
    }
  });

  test.each(['/users/id?x.css', '/todos?v=1.css', '/users/id?/assets/app.css'])(
    'is told not to store %s, a customer page',
    async (target) => {
      const answer = await alice.fetch(system.webUrl, { target });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    },
  );

  test.each(['/assets/../users/id', '/assets/..%2fusers/id', '/assets/%2e%2e/users/id', '/assets/..%5cusers%5cid'])(
    'A-90 finds no customer page under %s',
    async (target) => {
      const answer = await alice.fetch(system.webUrl, { target });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'no-store']);
      expect(await answer.text()).not.toContain('alice@');
    },
  );
});

describe('the stylesheet', () => {
  test.each([
    [416, { range: 'bytes=99999999-' }],
    [412, { 'if-match': '"another"' }],
    [412, { 'if-unmodified-since': 'Mon, 01 Jan 1990 00:00:00 GMT' }],
  ])('cannot be replaced in a cache by the error %i, which a header causes: %j', async (status, headers) => {
    const answer = await send(`${system.webUrl}/assets/app.css`, { headers });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, 'no-store']);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-range']) {
      expect([name, answer.headers.has(name)]).toEqual([name, false]);
    }
  });

  test.each([
    ['another host', { host: 'evil.example' }],
    ['another method by a header', { 'x-http-method-override': 'DELETE', 'x-http-method': 'HEAD' }],
    ['another address by a header', { 'x-original-url': '/no-such-page', 'x-rewrite-url': '/no-such-page' }],
    ['another scheme and host of a proxy', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' }],
    ['an encoding that nobody has', { 'accept-encoding': 'evil', accept: 'evil/evil', 'content-type': 'evil' }],
  ])('is the same for a request with %s', async (_name, headers) => {
    const [plain, odd] = await Promise.all([
      send(`${system.webUrl}/assets/app.css`),
      send(`${system.webUrl}/assets/app.css`, { headers }),
    ]);
    expect([odd.status, await odd.text()]).toEqual([200, await plain.text()]);
  });
});
