import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';
import { answerOf, tokenCallsOf } from '../web/callbackSteps.ts';

const records = new WatchedKeyValueStore();
let system: System;
let other: string;
beforeAll(async () => {
  system = await startSystem({}, records);
  other = await system.startWeb({ BASE_URL: system.webUrl });
});
afterAll(() => system.stop());

test('A-09 a response delivered to two instances at once calls the tenant once and starts one session', async () => {
  const browser = new Browser();
  const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
  const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  const headers = { cookie, host: answer.host };
  let answers: Response[] = [];
  const calls = await tokenCallsOf(system, async () => {
    const deliver = (webUrl: string) => send(webUrl + answer.pathname + answer.search, { headers });
    answers = await Promise.all([system.webUrl, other, system.webUrl, other].map(deliver));
  });
  expect([calls, answers.map(({ status }) => status).sort()]).toEqual([1, [303, 400, 400, 400]]);
  expect([...records.keys].filter((key) => key.startsWith('web:v1:session:'))).toHaveLength(1);
});

// Entra issues a new refresh token with each renewal, and the old one stays valid
// (https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime). The local tenant does the same.
test('two instances that renew the tokens of one session at once both answer, and the session stays valid', async () => {
  await system.control('access-token-lifetime', { seconds: 60 });
  const browser = await system.signedIn('alice@example.com');
  const session = browser.cookies.get('session');
  await system.control('access-token-lifetime', { seconds: 3600 });
  const headers = { host: new URL(system.webUrl).host };
  const list = async (webUrl: string) => (await browser.fetch(`${webUrl}/todos`, { headers })).status;
  // The first instance holds the old refresh token while the second renews, then uses it.
  const held = records.hold('get', 'msal');
  const calls = await tokenCallsOf(system, async () => {
    const first = list(system.webUrl);
    await held.arrived;
    expect(await list(other)).toBe(200);
    held.release();
    expect(await first).toBe(200);
  });
  expect(calls).toBe(2);
  expect(browser.cookies.get('session')).toEqual(session);
  // The refresh token that was written last is valid.
  await system.control('access-token-lifetime', { seconds: 60 });
  expect([await list(system.webUrl), await list(other)]).toEqual([200, 200]);
});
