import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import type { SendOptions } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let alice: Browser;
let bob: Browser;
let token: string;
/** The to-do that every test starts with, and that a refused form must leave alone. */
let id: string;
beforeAll(async () => {
  system = await startSystem();
  alice = await system.signedIn('alice@example.com');
  bob = await system.signedIn('bob@example.com');
  await alice.goto(`${system.webUrl}/todos`);
  await alice.submit('Add', { description: 'Stay as I am' });
  id = /\/todos\/(\d+)\/delete/.exec(alice.page.html)?.[1] ?? '';
});
afterAll(() => system.stop());
beforeEach(async () => {
  await alice.goto(`${system.webUrl}/todos`);
  token = alice.form('Add').fields._csrf ?? '';
});

async function post(path: string, fields: Readonly<Record<string, string>>, options: SendOptions = {}) {
  return await alice.fetch(system.webUrl + path, { method: 'POST', body: new URLSearchParams(fields), ...options });
}

/** Alice's list still holds the one to-do, as it was. */
async function expectUnchanged(): Promise<void> {
  await alice.goto(`${system.webUrl}/todos`);
  expect([...alice.page.html.matchAll(/<span class="text">([^<]*)</g)].map(([, text]) => text)).toEqual([
    'Stay as I am',
  ]);
}

const paths = () => ['/todos', `/todos/${id}`, `/todos/${id}/delete`, '/auth/signout'];

describe('a form', () => {
  test.each([0, 1, 2, 3])(
    'A-66 and A-72 (%i) without its token is refused, and shows what the customer wrote',
    async (index) => {
      const answer = await post(paths()[index] ?? '', { description: 'Forged & <kept>' });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('Forged &amp; &lt;kept&gt;');
      await expectUnchanged();
    },
  );

  test("A-66 with another session's token is refused", async () => {
    await bob.goto(`${system.webUrl}/todos`);
    const _csrf = bob.form('Add').fields._csrf ?? '';
    expect((await post('/todos', { description: 'Forged', _csrf })).status).toBe(403);
    await expectUnchanged();
  });

  test.each([
    ['an empty token', '_csrf='],
    ['two tokens', 'twice'],
    ['the token in the address', 'query'],
  ])('A-66 with %s is refused', async (_name, kind) => {
    const bodies: Readonly<Record<string, string>> = { twice: `_csrf=${token}&_csrf=${token}`, query: '' };
    const body = `${bodies[kind] ?? kind}&description=Forged`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-csrf-token': token };
    const path = kind === 'query' ? `/todos?_csrf=${token}` : '/todos';
    expect((await alice.fetch(system.webUrl + path, { method: 'POST', headers, body })).status).toBe(403);
    await expectUnchanged();
  });

  test('A-66 of a customer whose session ended asks to sign in, and shows the text', async () => {
    const stranger = new Browser();
    const page = await stranger.goto(`${system.webUrl}/todos`, {
      method: 'POST',
      body: new URLSearchParams({ description: 'My long text', _csrf: token }),
    });
    expect([page.status, page.url.pathname]).toEqual([401, '/todos']);
    expect(stranger.text()).toContain('Please sign in');
    expect(stranger.text()).toContain('My long text');
  });

  test.each([
    ['GET', '/todos/1', 'POST'],
    ['GET', '/todos/1/delete', 'POST'],
    ['PUT', '/todos', 'GET, HEAD, POST'],
    ['DELETE', '/todos/1', 'POST'],
    ['PATCH', '/todos/1', 'POST'],
    ['POST', '/users/id', 'GET, HEAD'],
    ['POST', '/auth/signin', 'GET, HEAD'],
    ['DELETE', '/auth/signout', 'GET, HEAD, POST'],
    ['POST', '/', 'GET, HEAD'],
  ])('A-66 is not sent by %s %s', async (method, path, allowed) => {
    const answer = await alice.fetch(system.webUrl + path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
  });

  test.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of a sibling subdomain', { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' }],
    ['of another site in an older browser', { origin: 'https://evil.example' }],
    ['of the same host on another port', { origin: 'http://localhost:1' }],
  ])('A-67 %s is refused, even with the right token', async (_name, headers) => {
    expect((await post('/todos', { description: 'Forged', _csrf: token }, { headers })).status).toBe(403);
    await expectUnchanged();
  });

  test('A-67 of another site, which comes without the cookie, asks to sign in and shows nothing of it', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const body = new URLSearchParams({ description: 'Forged' });
    const answer = await new Browser().fetch(`${system.webUrl}/todos`, { method: 'POST', headers, body });
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain('Forged');
  });

  test.each([
    ['of our own page', { 'sec-fetch-site': 'same-origin' }],
    ['that the customer sends again by hand', { 'sec-fetch-site': 'none' }],
    ['of an older browser', {}],
    ['of a browser that hides where it comes from', { origin: 'null' }],
  ])('%s is accepted with its token', async (_name, headers) => {
    const answer = await post(`/todos/${id}`, { description: 'Stay as I am', _csrf: token }, { headers });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/todos']);
  });

  test('A-69 cannot choose another method', async () => {
    const headers = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' };
    const fields = { description: 'Stay as I am', _csrf: token, _method: 'DELETE' };
    expect((await post(`/todos/${id}?_method=DELETE`, fields, { headers })).status).toBe(303);
    await expectUnchanged();
  });

  test.each([
    ['A-70', { 'content-type': 'text/plain' }, 'description=Forged', 415],
    ['A-70', { 'content-type': 'application/json' }, '{"description":"Forged"}', 415],
    ['A-70', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415],
    ['A-70', {}, 'description=Forged', 415],
    ['A-86', form({}), 'x'.repeat(10 * 1024 + 1), 413],
    ['A-86', form({}), 'a=b&'.repeat(21), 413],
    ['A-86', form({ 'content-encoding': 'gzip' }), gzipSync('x'.repeat(1_000_000)), 415],
    ['A-86', form({ 'content-encoding': 'gzip' }), 'not gzip', 415],
    ['A-86', form({ 'content-encoding': 'evil' }), 'a=b', 415],
    ['A-86', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-7' }, 'a=b', 415],
  ])('%s with the headers %j is not read', async (_id, headers, body, status) => {
    const page = await alice.goto(`${system.webUrl}/todos`, { method: 'POST', headers, body });
    expect(page.status).toBe(status);
    expect(alice.text()).toContain('Go to the home page');
    await expectUnchanged();
  });

  test('A-85 and A-89 cannot reach the template or an object of ours', async () => {
    const hostile = {
      'constructor.prototype.evil': '1',
      'settings[view options][client]': '1',
      '__proto__[evil]': '1',
      delimiter: 'x',
      customerName: 'Mallory',
      _csrf: token,
    };
    const body = `${new URLSearchParams(hostile)}&__proto__=evil&constructor=evil&toString=evil&description=`;
    const page = await alice.goto(`${system.webUrl}/todos`, { method: 'POST', headers: form({}), body });
    expect([page.status, page.html.includes('Mallory')]).toEqual([400, false]);
    expect(alice.text()).toContain('Write what there is to do.');
    expect(Object.hasOwn(Object.prototype, 'evil')).toBe(false);
    await expectUnchanged();
  });
});

function form(headers: Readonly<Record<string, string>>) {
  return { 'content-type': 'application/x-www-form-urlencoded', ...headers };
}
