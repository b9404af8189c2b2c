import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ SIGN_INS_PER_MINUTE: '5' });
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
      for (let number = 0; number < 8; number += 1) {
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
  const headers = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' };
  expect(await statusOfSignIn(new Browser(), headers)).toBe(302);
});

async function statusOfSignIn(browser: Browser, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return (await browser.fetch(`${system.webUrl}/auth/signin`, { headers })).status;
}
