import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let alice: Browser;
beforeAll(async () => {
  system = await startSystem();
  alice = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());

const asPerson = { accept: 'text/html' };

describe('an address that has no page', () => {
  test.each([
    '/no-such-page',
    '//',
    '//double//slash',
    '//evil.example/todos',
    '/todos/',
    '/todos.',
    '/TODOS',
    '/Users/id',
    '/users',
    '/auth',
    '/auth/signin/',
    '/.env',
    '/.git/config',
    '/package.json',
    '/views/todos.ejs',
    '/src/web/app.ts',
    '/app.js.map',
    '/assets',
    '/assets/',
    '/assets/../package.json',
    '/assets/..%2fpackage.json',
    '/assets/%2e%2e/package.json',
    '/assets/.env',
    '/assets/app.css.map',
    '/assets/app.css/',
    '/assets/%zz',
    '/assets/%00',
  ])('A-90 such as %s gets a page that says so', async (target) => {
    const answer = await send(system.webUrl, { target, headers: asPerson });
    expect([answer.status, answer.headers.has('location')]).toEqual([404, false]);
    const html = await answer.text();
    expect(html).toContain('<h1>Page not found</h1>');
    expect(html).toContain(`<code>${answer.headers.get('x-request-id')}</code>`);
  });

  test('A-90 that cannot be decoded is a bad request', async () => {
    const answer = await send(system.webUrl, { target: '/todos/%', headers: asPerson });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Go to the home page');
  });

  test('A-90 is reported to a script in JSON', async () => {
    const answer = await send(`${system.webUrl}/no-such-page`, { headers: { accept: 'application/json' } });
    const requestId = answer.headers.get('x-request-id');
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { error: 'Page not found', message: 'There is no page at this address.', requestId },
    ]);
  });
});

describe('every answer', () => {
  const targets = ['/', '/users/id', '/todos', '/auth/signin', '/auth/signout', '/auth/signed-out'];
  const others = ['/no-such-page', '/todos/%', '/livez', '/readyz'];

  test.each([...targets, ...others, '/auth/redirect', '/assets/app.css'])(
    'carries the headers that protect it: %s',
    async (path) => {
      for (const method of ['GET', 'POST', 'OPTIONS', 'TRACE']) {
        const { headers } = await alice.fetch(system.webUrl, { method, target: path });
        expect(Object.fromEntries(headers)).toMatchObject({
          'content-security-policy': `default-src 'none';style-src 'self';img-src 'self';form-action 'self' ${system.tenantUrl};base-uri 'none';frame-ancestors 'none'`,
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'same-origin',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'cache-control': path.startsWith('/assets') && method === 'GET' ? 'public, max-age=0' : 'no-store',
          'x-request-id': expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
        });
        expect(headers.has('x-powered-by')).toBe(false);
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    },
  );

  test.each([...targets, ...others, '/assets/app.css'])(
    'to HEAD is the answer to GET without a body: %s',
    async (path) => {
      const [get, head] = await Promise.all([
        alice.fetch(system.webUrl, { target: path }),
        alice.fetch(system.webUrl, { target: path, method: 'HEAD' }),
      ]);
      expect([head.status, head.headers.get('content-type')]).toEqual([get.status, get.headers.get('content-type')]);
      expect(await head.text()).toBe('');
    },
  );

  test.each(['/', '/no-such-page', '/livez', '/assets/app.css', '/auth/redirect'])(
    'keeps browsers of an https site to https for a year: %s',
    async (path) => {
      const webUrl = await system.startWeb({ BASE_URL: 'https://www.example.com', TRUST_PROXY: '1' });
      const answer = await send(webUrl + path, { headers: { 'x-forwarded-proto': 'https', host: 'www.example.com' } });
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
      expect((await send(webUrl)).headers.get('strict-transport-security')).toContain('31536000');
    },
  );

  test('has its own request id, even if the request brings one', async () => {
    const ask = () => send(system.webUrl, { headers: { 'x-request-id': 'mine' } });
    const [one, other] = await Promise.all([ask(), ask()]);
    const ids = [one.headers.get('x-request-id'), other.headers.get('x-request-id')];
    expect(new Set([...ids, 'mine']).size).toBe(3);
  });

  test('A-100 that shows a customer page cannot be read by another site', async () => {
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    const answer = await alice.fetch(`${system.webUrl}/users/id`, { headers });
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });
});

describe('an internal error', () => {
  test('shows a page that does not mention the cause, which is in the log', async () => {
    const broken = {
      ready: () => true,
      current: () => {
        throw new Error('a cause that is nobody’s business');
      },
    };
    const url = await system.startWeb({}, { metadata: broken });
    const answer = await send(`${url}/auth/signin`, { headers: asPerson });
    const html = await answer.text();
    expect([answer.status, html.includes('Something went wrong'), html.includes('cause')]).toEqual([500, true, false]);
    const line = system.logged.find((logged) => logged.includes('nobody’s business')) ?? '';
    expect(line).toContain(answer.headers.get('x-request-id'));
  });
});
