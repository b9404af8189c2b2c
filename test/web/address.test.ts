import { seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { readWebConfig } from '../../src/web/config.ts';
import { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
/** An app at https://localhost. The tests send the headers of the one proxy before it. */
let behindProxy: string;
/** The same, but with TRUST_PROXY=0. */
let withoutProxy: string;
beforeAll(async () => {
  system = await startSystem();
  const http = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
  // The local tenant knows redirect URIs on http://localhost only.
  const tenantHttp: typeof http = {
    request: ({ body = '', ...rest }) =>
      http.request({ ...rest, body: body.replace('https%3A%2F%2F', 'http%3A%2F%2F') }),
  };
  behindProxy = await system.startWeb({ BASE_URL: 'https://localhost', TRUST_PROXY: '1' }, { tenantHttp });
  withoutProxy = await system.startWeb({ BASE_URL: 'https://localhost' });
});
afterAll(() => system.stop());

const overHttps = { headers: { 'x-forwarded-proto': 'https', accept: 'text/html' } };

describe('the app', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/auth/signin'],
    ['GET', '/auth/signout'],
    ['POST', '/auth/signout'],
    ['GET', '/auth/redirect?code=x&state=y'],
  ])('A-54 answers %s %s only for its own host', async (method, path) => {
    const answer = await send(system.webUrl + path, { method, headers: { host: 'evil.example' } });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([421, 'no-store']);
    expect([answer.headers.has('location'), answer.headers.has('set-cookie')]).toEqual([false, false]);
    const html = await answer.text();
    expect(html).toContain('Wrong address');
    expect(html).toContain(`<a class="button primary" href="${system.webUrl}/">Go to ${system.webUrl}</a>`);
    expect(system.logged.slice(-3).join()).toContain(
      String.raw`the request names the host \"evil.example\" instead of \"localhost\"`,
    );
    expect(html).not.toContain('evil.example');
  });

  test.each(['localhost.evil.example', 'evil.example:80', 'localhost@evil.example', '127.0.0.1', 'localhost.'])(
    'A-54 does not accept the host %s as its own',
    async (host) => {
      expect((await send(system.webUrl, { headers: { host } })).status).toBe(421);
    },
  );

  test('A-54 answers probes for any host, over http', async () => {
    for (const path of ['/livez', '/readyz']) {
      const answer = await send(behindProxy + path, { headers: { host: '10.0.0.7' } });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    }
  });

  test('A-56 A-57 ignores X-Forwarded headers while TRUST_PROXY is 0', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example', 'x-forwarded-for': '6.6.6.6' };
    const answer = await send(`${system.webUrl}/auth/signin`, { headers });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('set-cookie')).toMatch(/^signin\.[\w-]{16}=/);
    expect(answer.headers.get('set-cookie')).not.toContain('Secure');
    expect(answer.headers.get('location')).not.toContain('evil');
    expect(system.logged.join()).not.toContain('6.6.6.6');
  });

  test.each(['true', '-1', 'loopback', '6'])('A-57 does not start with TRUST_PROXY=%s', (TRUST_PROXY) => {
    expect(() => readWebConfig({ TRUST_PROXY })).toThrow('TRUST_PROXY must be a whole number from 0 to 5');
  });

  test('A-54 A-56 signs out to its own address, whatever host and scheme the request claims', async () => {
    const browser = await system.signedIn('bob@example.com');
    await browser.goto(`${system.webUrl}/auth/signout`);
    const body = new URLSearchParams(browser.form('Sign out').fields);
    const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example;proto=https' };
    const refused = await browser.fetch(`${system.webUrl}/auth/signout`, {
      ...{ method: 'POST', body, headers: { ...forged, host: 'evil.example' } },
    });
    expect([refused.status, refused.headers.has('set-cookie')]).toEqual([421, false]);
    expect((await browser.goto(`${system.webUrl}/users/id`)).status).toBe(200);
    const headers = { ...forged, 'x-forwarded-proto': 'https', 'x-forwarded-port': '1', 'x-forwarded-prefix': '/evil' };
    const answer = await browser.fetch(`${system.webUrl}/auth/signout`, { method: 'POST', body, headers });
    const target = new URL(answer.headers.get('location') ?? '');
    expect(target.searchParams.get('post_logout_redirect_uri')).toBe(`${system.webUrl}/auth/signed-out`);
    expect(target.href).not.toContain('evil');
  });

  test.each(['kube-probe/1.31', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0', 'AlwaysOn', 'HealthCheck/1.0'])(
    'A-58 lets the user agent %s into no page without a sign-in',
    async (agent) => {
      const headers = { 'user-agent': agent, accept: 'text/html' };
      for (const target of ['/users/id', '/users/id?/livez', '/users/id?path=/readyz', '/todos']) {
        const answer = await send(system.webUrl, { headers, target });
        expect(answer.status).toBe(303);
        expect(answer.headers.get('location')).toBe(`/auth/signin?returnTo=${encodeURIComponent(target)}`);
      }
      const body = new URLSearchParams({ description: 'x' });
      expect((await send(`${system.webUrl}/todos`, { method: 'POST', headers, body })).status).toBe(401);
    },
  );

  test.each([
    '/livez/../users/id',
    '/livez/..%2fusers/id',
    '/livez;/users/id',
    '/livez%2f..%2f..%2fusers%2fid',
    '//users/id',
  ])('A-58 has no customer page at %s', async (target) => {
    const browser = await system.signedIn('alice@example.com');
    const answer = await browser.fetch(system.webUrl, { target });
    expect([answer.status, (await answer.text()).includes('alice@')]).toEqual([404, false]);
  });

  test('A-58 cannot be led past the sign-in by a header that names another path', async () => {
    const names = ['x-original-url', 'x-original-uri', 'x-rewrite-url', 'x-forwarded-uri', 'x-forwarded-path'];
    const headers = Object.fromEntries(names.map((name) => [name, '/livez']));
    expect((await send(`${system.webUrl}/users/id`, { headers })).status).toBe(303);
  });
});

describe('the app behind a proxy that ends TLS', () => {
  test('A-62 A-63 signs in with cookies for this host and https only', async () => {
    const browser = new Browser();
    const start = await browser.fetch(`${behindProxy}/auth/signin`, overHttps);
    expect(start.headers.get('set-cookie')).toMatch(
      /^__Host-signin\.[\w-]{16}=[\w.-]+; Max-Age=3600; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    const authorize = new URL(start.headers.get('location') ?? '');
    expect(authorize.searchParams.get('redirect_uri')).toBe('https://localhost/auth/redirect');
    authorize.searchParams.set('redirect_uri', 'http://localhost/auth/redirect');
    await browser.goto(authorize);
    await browser.submit('Next', { email: 'alice@example.com' });
    const isCallback = ({ pathname }: URL) => pathname === '/auth/redirect';
    const { url } = await browser.submit('Sign in', { password: seededPassword }, isCallback);
    const end = await browser.fetch(`${behindProxy}/auth/redirect${url.search}`, overHttps);
    expect([end.status, end.headers.get('location')]).toEqual([303, '/']);
    expect(end.headers.getSetCookie().find((line) => line.startsWith('__Host-session'))).toMatch(
      /^__Host-session=s%3A[\w%.-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(end.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    expect(await (await browser.fetch(behindProxy, overHttps)).text()).toContain('Hello, Alice');
  });

  test.each(['GET', 'HEAD'])('A-63 redirects %s from http to https, and sets no cookie', async (method) => {
    const answer = await send(`${behindProxy}/auth/signin?returnTo=/todos`, { method });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      308,
      'https://localhost/auth/signin?returnTo=/todos',
    ]);
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  test('A-63 refuses a form over http, which has already travelled in clear', async () => {
    const answer = await send(`${behindProxy}/auth/signout`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
    expect([answer.status, answer.headers.has('location')]).toEqual([421, false]);
  });

  test.each(['http://.evil.example/', 'http://localhost/todos', '*'])(
    'A-63 redirects nowhere for the request target %s',
    async (target) => {
      const answer = await send(behindProxy, { target });
      expect([answer.status, answer.headers.has('location')]).toEqual([421, false]);
    },
  );

  test('A-54 refuses another host that the proxy forwards', async () => {
    const headers = { ...overHttps.headers, 'x-forwarded-host': 'evil.example' };
    expect((await send(`${behindProxy}/auth/signin`, { headers })).status).toBe(421);
  });

  test('A-54 refuses another Host, even if the proxy forwards our own name beside it', async () => {
    const headers = { ...overHttps.headers, host: 'evil.example', 'x-forwarded-host': 'localhost' };
    const answer = await send(`${behindProxy}/auth/signin`, { headers });
    expect([answer.status, answer.headers.has('set-cookie')]).toEqual([421, false]);
  });

  test('A-56 A-63 refuses instead of redirecting forever when TRUST_PROXY does not count it', async () => {
    const answer = await send(`${withoutProxy}/auth/signin`, overHttps);
    expect([answer.status, answer.headers.has('location'), answer.headers.has('set-cookie')]).toEqual([
      421,
      false,
      false,
    ]);
    expect(system.logged.join('\n')).toContain('TRUST_PROXY does not count it');
  });
});
