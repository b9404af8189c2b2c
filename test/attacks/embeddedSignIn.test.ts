import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';

/** What a browser sends with a page that was opened from another site. */
const opened = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' };

let system: System;
beforeAll(async () => {
  system = await startSystem({ SIGN_INS_PER_MINUTE: '10' });
});
afterAll(() => system.stop());

/** What another site's page can make a browser load, and the headers that the browser sends. */
const embedded = [
  ['a picture', { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' }],
  ['a frame', { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }],
  ['a script', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'no-cors' }],
] as const;

describe('a page of another site', () => {
  test.each(embedded)(
    'A-101 that loads %s starts no sign-in and does not count towards a limit',
    async (_what, headers) => {
      const browser = new Browser();
      for (let number = 0; number < 12; number += 1) {
        for (const path of ['/auth/signin', '/auth/redirect?code=a&state=b']) {
          const answer = await browser.fetch(system.webUrl + path, {
            headers: { ...headers, 'sec-fetch-site': 'cross-site' },
          });
          expect([answer.status, answer.headers.has('set-cookie')]).toEqual([403, false]);
        }
      }
      expect(await statusOfSignIn(browser)).toBe(302);
    },
  );
});

test('A-101 a person who opens the page, even from a link on another site, starts a sign-in', async () => {
  expect(await statusOfSignIn(new Browser(), { ...opened, 'sec-fetch-user': '?1' })).toBe(302);
});

test.each(['sec-purpose', 'purpose', 'x-moz'])(
  'A-101 a browser that loads the pages in advance (%s) starts no sign-in and does not count towards a limit',
  async (name) => {
    const browser = new Browser();
    for (let number = 0; number < 12; number += 1) {
      for (const path of ['/auth/signin', '/auth/redirect?code=a&state=b']) {
        const headers = { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none', [name]: 'prefetch;prerender' };
        const answer = await browser.fetch(system.webUrl + path, { headers });
        expect([answer.status, answer.headers.get('cache-control')]).toEqual([503, 'no-store']);
        expect(answer.headers.has('set-cookie')).toBe(false);
      }
    }
    expect(await statusOfSignIn(browser)).toBe(302);
  },
);

test('A-101 a page of another site that opens the sign-in without a click gets a page that asks for one', async () => {
  const browser = new Browser();
  const path = '/auth/signin?returnTo=%2Ftodos&prompt=create';
  const answer = await browser.fetch(system.webUrl + path, { headers: opened });
  expect([answer.status, answer.headers.has('set-cookie')]).toEqual([403, false]);
  expect(await answer.text()).toContain(
    'href="/auth/signin?returnTo=%2Ftodos&amp;prompt=create">Continue to sign in</a>',
  );
});

async function statusOfSignIn(browser: Browser, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return (await browser.fetch(`${system.webUrl}/auth/signin`, { headers })).status;
}
