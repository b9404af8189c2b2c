import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import type { SendOptions } from '../support/send.ts';
import type { System } from '../support/system.ts';
import { expectUnchanged as expectTodoUnchanged, formHeaders, startWithTodo } from './oneTodo.ts';

let system: System;
let alice: Browser;
let bob: Browser;
let token: string;
/** The id of Alice's to-do. */
let id: string;
beforeAll(async () => {
  ({ system, alice } = await startWithTodo());
  bob = await system.signedIn('bob@example.com');
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

const expectUnchanged = () => expectTodoUnchanged(system.webUrl, alice);

async function tokenOf(browser: Browser): Promise<string> {
  await browser.goto(`${system.webUrl}/todos`);
  return browser.form('Add').fields._csrf ?? '';
}

const paths = () => ['/todos', `/todos/${id}`, `/todos/${id}/delete`, '/auth/signout'];

describe('a form', () => {
  test.each([0, 1, 2, 3])(
    'A-66 A-72 without its token is refused, and shows what the customer wrote: form %i',
    async (index) => {
      const answer = await post(paths()[index] ?? '', { description: 'Forged & <kept>' });
      expect([answer.status, answer.headers.has('set-cookie')]).toEqual([403, false]);
      expect(await answer.text()).toContain('Forged &amp; &lt;kept&gt;');
      await expectUnchanged();
    },
  );

  test.each([
    ["another customer's session", () => tokenOf(bob)],
    ["the same customer's session in another browser", async () => tokenOf(await system.signedIn('alice@example.com'))],
    [
      'the session that this browser had before',
      async () => {
        await alice.goto(`${system.webUrl}/auth/signin`);
        return token;
      },
    ],
  ])('A-66 A-72 with the token of %s is refused', async (_whose, tokenOfOther) => {
    const _csrf = await tokenOfOther();
    expect(_csrf).toMatch(/^[\w-]{22}$/);
    for (const path of paths()) {
      const answer = await post(path, { description: 'Forged', _csrf });
      expect([path, answer.status, answer.headers.has('set-cookie')]).toEqual([path, 403, false]);
    }
    await expectUnchanged();
  });

  test.each([
    ['an empty token', () => '_csrf='],
    ['two tokens', () => `_csrf=${token}&_csrf=${token}`],
    ['a list of tokens', () => `_csrf[]=${token}`],
    ['half a token', () => `_csrf=${token.slice(0, 11)}`],
    ['more than its token', () => `_csrf=${token}x`],
    ['the token under the name of another form', () => `csrf=${token}&csrfToken=${token}`],
  ])('A-66 A-72 with %s is refused', async (_name, fields) => {
    const body = `${fields()}&description=Forged`;
    for (const path of paths()) {
      const answer = await alice.fetch(system.webUrl + path, { method: 'POST', headers: formHeaders(), body });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    await expectUnchanged();
  });

  test('A-66 A-104 with the token in the URL, a header or a cookie is refused', async () => {
    alice.cookies.set('_csrf', { value: token, path: '/' });
    const headers = formHeaders({ 'x-csrf-token': token, 'csrf-token': token, 'x-xsrf-token': token });
    for (const path of paths()) {
      const url = `${system.webUrl}${path}?_csrf=${token}&description=Forged`;
      const answer = await alice.fetch(url, { method: 'POST', headers, body: 'description=Forged' });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    alice.cookies.delete('_csrf');
    await expectUnchanged();
  });

  test('A-104 takes its text from the form body only, and one value only', async () => {
    const query = `${system.webUrl}/todos?description=From+the+address`;
    for (const fields of [
      `_csrf=${token}`,
      `_csrf=${token}&description=One&description=Two`,
      `_csrf=${token}&description[a]=One`,
    ]) {
      const page = await alice.goto(query, { method: 'POST', headers: formHeaders(), body: fields });
      expect([page.status, alice.text().includes('Write what there is to do.')]).toEqual([400, true]);
    }
    await expectUnchanged();
  });

  test('A-66 from a customer whose session has ended asks to sign in, and shows the text', async () => {
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
  ])('A-66 is not accepted as %s %s', async (method, path, allowed) => {
    const answer = await alice.fetch(system.webUrl + path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
  });

  test.each([
    [
      'of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', origin: 'https://evil.example' },
    ],
    ['of another site that hides its name', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['of a sibling subdomain', { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' }],
    ['of a sibling that says that it is us', { 'sec-fetch-site': 'same-site', origin: 'http://localhost' }],
    ['of another site in an older browser', { origin: 'https://evil.example' }],
    ['of the same host on another port', { origin: 'http://localhost:1' }],
    ['of a place that no browser names', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['of a place without a name', { 'sec-fetch-site': '' }],
  ])('A-67 %s is refused, even with the right token', async (_name, headers) => {
    for (const path of paths()) {
      const answer = await post(path, { description: 'Forged', _csrf: token }, { headers });
      expect([path, answer.status, answer.headers.has('set-cookie')]).toEqual([path, 403, false]);
    }
    await expectUnchanged();
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['another site in an older browser', { origin: 'https://evil.example' }],
    ['a place that no browser names', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ])(
    'A-67 from %s, which arrives without the cookie, asks to sign in and does not show the text',
    async (_from, sent) => {
      const headers = { ...sent, accept: 'text/html' };
      const body = new URLSearchParams({ description: 'Forged' });
      const answer = await new Browser().fetch(`${system.webUrl}/todos`, { method: 'POST', headers, body });
      expect([answer.status, answer.headers.has('set-cookie')]).toEqual([401, false]);
      expect(await answer.text()).not.toContain('Forged');
      await expectUnchanged();
    },
  );

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
});
