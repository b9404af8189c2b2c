import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let browser: Browser;
beforeAll(async () => {
  system = await startSystem();
  browser = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());

const isCallback = (url: URL) => url.pathname === '/auth/redirect';

/** Signs in again, without a prompt at the tenant, and returns where the app redirects at the end. */
async function destinationOf(query: string): Promise<string | null> {
  const { url } = await browser.goto(`${system.webUrl}/auth/signin${query}`, {}, isCallback);
  const last = await browser.fetch(url);
  expect(last.status).toBe(303);
  expect(last.headers.getSetCookie().join()).not.toContain('evil');
  return last.headers.get('location');
}

describe('after the sign-in a customer', () => {
  const leadHome = async (returnTo: string) => {
    expect(await destinationOf(`?returnTo=${encodeURIComponent(returnTo)}`)).toBe('/');
  };
  const slashes = ['//evil.example', '///evil.example', '/\\evil.example', '/\\/evil.example', '\\\\evil.example'];
  test.each([...slashes, '/./\\evil.example', '/..//evil.example'])('A-46 is redirected home, not to %j', leadHome);

  const schemes = ['https://evil.example', 'https:evil.example', 'javascript:alert(1)', 'data:text/html,evil'];
  const names = ['http://app@evil.example', 'https://localhost.evil.example/todos'];
  const encoded = ['%2f%2fevil.example', '/%5cevil.example', '/%09/evil.example'];
  test.each([...schemes, ...names, ...encoded])('A-48 is redirected home, not to %j', leadHome);

  const odd = ['/\t/evil.example', ' //evil.example', '/.evil.example/..//evil.example'];
  test.each([...odd, '/\u2028/evil.example', '／／evil.example'])('A-49 is redirected home, not to %j', leadHome);

  test.each(['todos', '[object Object]', `/${'x'.repeat(10 * 1024)}`])('A-50 is redirected home, not to %j', leadHome);

  test.each(['/todos\r\nSet-Cookie: evil=1', '/todos\nLocation: //evil.example', '/todos%0d%0aSet-Cookie:%20evil=1'])(
    'A-53 is redirected home, not to %j',
    leadHome,
  );

  test.each(['/auth/signout', '/x/../auth/signin', '/auth/redirect?code=x&state=y'])(
    'is redirected home, not to %j, which would sign in or out by itself',
    leadHome,
  );

  test.each([
    ['missing', ''],
    ['empty', '?returnTo='],
    ['half an escape', '?returnTo=%'],
    ['a list', '?returnTo=/todos&returnTo=/users/id'],
    ['an object', '?returnTo[path]=/todos'],
    ['named twice, once in an object', '?returnTo[]=/todos&returnTo[__proto__]=/todos'],
  ])('A-50 is redirected home when the page is %s', async (_form, query) => {
    expect(await destinationOf(query)).toBe('/');
  });

  test.each(['/todos?x=1', '/users/id', '/todos?next=%2Fa'])('A-52 is redirected to %s', async (page) => {
    expect(await destinationOf(`?returnTo=${encodeURIComponent(page)}`)).toBe(page);
  });

  test('A-52 is redirected to the page that asked for the sign-in', async () => {
    browser.cookies.delete('session');
    const page = await browser.goto(`${system.webUrl}/users/id?x=1`);
    expect([page.status, page.url.href]).toEqual([200, `${system.webUrl}/users/id?x=1`]);
  });

  test('A-52 is redirected to the page even if the first attempt failed', async () => {
    browser.cookies.delete('session');
    const { url } = await browser.goto(`${system.webUrl}/users/id?x=1`, {}, isCallback);
    url.searchParams.set('code', 'no-code-of-this-tenant');
    expect((await browser.goto(url)).status).toBe(400);
    const again = /<a class="button primary" href="([^"]*)">Start again</.exec(browser.page.html)?.[1] ?? '';
    const page = await browser.goto(again);
    expect([page.status, page.url.href]).toEqual([200, `${system.webUrl}/users/id?x=1`]);
  });
});

describe('the redirect to sign in', () => {
  test.each([
    ['/todos?a=%0d%0aX-Evil:%201', '/todos?a=%0d%0aX-Evil:%201'],
    ['/users/id?a="><script>', '/users/id?a="><script>'],
  ])('A-53 keeps %s within one header', async (target, page) => {
    const answer = await send(system.webUrl, { target });
    const location = new URL(answer.headers.get('location') ?? '', system.webUrl);
    expect([answer.status, location.pathname]).toEqual([303, '/auth/signin']);
    expect(location.searchParams.get('returnTo')).toBe(page);
    expect(answer.headers.has('x-evil')).toBe(false);
    expect(await answer.text()).not.toContain('<script>');
  });
});
