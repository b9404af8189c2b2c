import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { type SendOptions, send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

// A sibling subdomain or a plain-http attacker can set cookies for this app, except those named `__Host-…`.

const records = new WatchedKeyValueStore();
let system: System;
/** An app at https://localhost behind a proxy, with the same records and secret. */
let overTls: string;
let mallory: Browser;
let session: string;
beforeAll(async () => {
  system = await startSystem({}, records);
  overTls = await system.startWeb({ BASE_URL: 'https://localhost', TRUST_PROXY: '1' });
  mallory = await system.signedIn('bob@example.com');
  session = mallory.cookies.get('session')?.value ?? '';
});
afterAll(() => system.stop());

const withCookies = (cookie: string, options: SendOptions = {}) =>
  send(`${overTls}/users/id`, { ...options, headers: { cookie, 'x-forwarded-proto': 'https', accept: 'text/html' } });

describe('over https', () => {
  test('A-62 a session is accepted under its own cookie name', async () => {
    expect((await withCookies(`__Host-session=${session}`)).status).toBe(200);
  });

  test.each([
    ['without its prefix', (value: string) => `session=${value}`],
    ['under another prefix', (value: string) => `__Secure-session=${value}`],
    [
      'in other letters',
      (value: string) => `__HOST-session=${value}; __host-session=${value}; __Host-Session=${value}`,
    ],
    ['after a space that is not one of ASCII', (value: string) => `\u00a0__Host-session=${value}`],
    ['after a line separator in UTF-8', (value: string) => `\u00e2\u0080\u00a8__Host-session=${value}`],
    ['behind a version, as in RFC 2965', (value: string) => `$Version=1,__Host-session=${value}`],
    ['behind a comma', (value: string) => `a=b,__Host-session=${value}`],
    ['in quotes', (value: string) => `"__Host-session=${value}"`],
    ['with its name encoded', (value: string) => `__Host%2Dsession=${value}`],
    ['in the value of another', (value: string) => `a="; b=__Host-session=${value}`],
    ['as an object', (value: string) => `__Host-session=j%3A${encodeURIComponent(JSON.stringify({ a: value }))}`],
    ['unsigned', (value: string) => `__Host-session=${value.replace('s%3A', '')}`],
  ])('A-59 A-62 a planted session is not accepted %s', async (_how, cookie) => {
    const answer = await withCookies(cookie(session));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signin?returnTo=%2Fusers%2Fid']);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("A-59 A-62 a planted pending sign-in signs nobody in to the attacker's account", async () => {
    const start = await send(`${overTls}/auth/signin`, { headers: { 'x-forwarded-proto': 'https' } });
    const [name = '', value = ''] = (start.headers.getSetCookie()[0]?.split(';')[0] ?? '').split('=');
    const state = new URL(start.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const before = system.asked.length;
    const planted = name.replace('__Host-', '');
    expect(planted).toMatch(/^signin\.[\w-]{16}$/);
    for (const cookie of [`${planted}=${value}`, `__Secure-${planted}=${value}`, `${name.toLowerCase()}=${value}`]) {
      const answer = await send(`${overTls}/auth/redirect?code=of-mallory&state=${state}`, {
        headers: { cookie, 'x-forwarded-proto': 'https' },
      });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []]);
    }
    expect(system.asked.slice(before)).toEqual([]);
  });
});

describe('a flood of cookies', () => {
  test('with hundreds of our names stores nothing and sets only a few cookies', async () => {
    const kept = records.keys.size;
    const names = Array.from({ length: 400 }, (_, index) => `signin.${String(index).padStart(16, 'x')}=a`);
    const answer = await send(`${system.webUrl}/auth/signin`, { headers: { cookie: names.join('; ') } });
    expect(answer.status).toBe(302);
    expect(answer.headers.getSetCookie().length).toBeLessThanOrEqual(17);
    expect(records.keys.size).toBe(kept);
  });

  test.each([
    '=',
    ';;;; ;',
    'session',
    'session=',
    'session=%',
    'session=%E0%A4%A',
    'session=s%3A',
    'session=s%3A.',
    'session=s:../../x.y',
    `session=${'s%3A'.repeat(500)}`,
    '__proto__=a; constructor=b; signin.x=__proto__',
    'session=j:{"customer":{"oid":"x"}}',
    'session=a; session=b; session=c',
  ])('such as %j neither signs in nor causes an error', async (cookie) => {
    for (const path of ['/', '/auth/signin', '/auth/redirect?code=x&state=y', '/users/id']) {
      const answer = await send(system.webUrl + path, { headers: { cookie, accept: 'text/html' } });
      expect([path, answer.status < 500, answer.status === 200 && path !== '/']).toEqual([path, true, false]);
    }
  });

  test('up to the header limit leaves the app unchanged', async () => {
    const socket = connect({ port: Number(new URL(system.webUrl).port), host: 'localhost' });
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${'a=b;'.repeat(3_900)}\r\n\r\n`);
    let answer = '';
    for await (const part of socket.setEncoding('utf8')) answer += part;
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect((await mallory.goto(`${system.webUrl}/users/id`)).status).toBe(200);
  });
});
