import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';
import { answerTo, startOf, tokenCallsOf } from '../web/callbackSteps.ts';

const records = new WatchedKeyValueStore();
let system: System;
beforeAll(async () => {
  system = await startSystem({}, records);
});
afterAll(() => system.stop());

const [alice, bob] = ['alice@example.com', 'bob@example.com'];

/** Starts sign-ins in several tabs of one browser. @returns the tenant's responses, not yet delivered */
async function answersIn(browser: Browser, tabs: number): Promise<URL[]> {
  const starts: string[] = [];
  for (let tab = 0; tab < tabs; tab += 1) starts.push(await startOf(system.webUrl, browser));
  const answers: URL[] = [];
  for (const start of starts) answers.push(await answerTo(start, browser, alice));
  return answers;
}

/** The responses of two tabs, in which two customers signed in. */
async function answersOfTwo(browser: Browser): Promise<readonly [ofAlice: URL, ofBob: URL]> {
  const [first, second] = [await startOf(system.webUrl, browser), new URL(await startOf(system.webUrl, browser))];
  const ofAlice = await answerTo(first, browser, alice);
  second.searchParams.set('prompt', 'login');
  return [ofAlice, await answerTo(second.href, browser, bob)];
}

function sessionOf(browser: Browser): string {
  return browser.cookies.get('session')?.value ?? '';
}

async function claimsWith(session: string): Promise<Response> {
  return await send(`${system.webUrl}/users/id`, { headers: { cookie: `session=${session}`, accept: 'text/html' } });
}

const sessionRecords = () => [...records.keys].filter((key) => key.startsWith('web:v1:session:')).length;

describe('several tabs of one browser', () => {
  test('A-18 with six sign-ins lose only the first one, and the others succeed in any order', async () => {
    const browser = new Browser();
    const [first, ...others] = await answersIn(browser, 6);
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('signin.'))).toHaveLength(5);
    const calls = await tokenCallsOf(system, async () => {
      expect((await browser.goto(first ?? '')).status).toBe(400);
    });
    expect([calls, browser.text().includes('Start again'), sessionOf(browser)]).toEqual([0, true, '']);
    const sessions: string[] = [];
    for (const answer of others.reverse()) {
      const page = await browser.goto(answer);
      expect([page.status, page.url.pathname]).toEqual([200, '/']);
      sessions.push(sessionOf(browser));
    }
    expect(new Set(sessions).size).toBe(5);
    const statuses = await Promise.all(sessions.map(async (session) => (await claimsWith(session)).status));
    expect(statuses).toEqual([303, 303, 303, 303, 200]);
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('signin.'))).toEqual([]);
  });

  test('A-19 with one customer both work, and only the second session stays valid', async () => {
    const browser = new Browser();
    const [one = '', other = ''] = await answersIn(browser, 2);
    await browser.goto(one);
    const first = sessionOf(browser);
    const before = sessionRecords();
    await browser.goto(other);
    expect([sessionOf(browser) === first, sessionRecords()]).toEqual([false, before]);
    expect((await claimsWith(first)).status).toBe(303);
    for (const tab of ['/todos', '/users/id']) expect((await browser.goto(system.webUrl + tab)).status).toBe(200);
  });

  test('A-19 with two customers show only the second one, with that customer’s tokens and to-dos', async () => {
    const browser = new Browser();
    const [ofAlice, ofBob] = await answersOfTwo(browser);
    await browser.goto(ofAlice);
    const first = sessionOf(browser);
    await browser.goto(`${system.webUrl}/todos`);
    await browser.submit('Add', { description: 'A to-do of Alice' });
    const tabOfAlice = browser.form('Add');
    await browser.goto(ofBob);
    expect((await claimsWith(first)).status).toBe(303);
    const claims = await browser.goto(`${system.webUrl}/users/id`);
    expect([claims.html.includes(bob), claims.html.includes(alice)]).toEqual([true, false]);
    await browser.goto(`${system.webUrl}/todos`);
    expect(browser.text()).not.toContain('A to-do of Alice');
    // The page that Alice left open must not write to Bob's list.
    const body = new URLSearchParams({ ...tabOfAlice.fields, description: 'Written in the tab of Alice' });
    expect((await browser.fetch(`${system.webUrl}/todos`, { method: 'POST', body })).status).toBe(403);
    expect((await browser.goto(`${system.webUrl}/todos`)).html).not.toContain('Written in the tab of Alice');
    const again = await system.signedIn(alice);
    await again.goto(`${system.webUrl}/todos`);
    expect(again.text()).toContain('A to-do of Alice');
    expect(again.text()).not.toContain('Written in the tab of Alice');
  });

  test('A-19 with two customers at once start two sessions, one per customer', async () => {
    const browser = new Browser();
    const answers = await answersOfTwo(browser);
    const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
    const delivered = await Promise.all(answers.map((answer) => send(answer, { headers: { cookie } })));
    const pages = delivered.map(async ({ headers }) => {
      const session = /session=([^;]+)/.exec(headers.getSetCookie().join())?.[1] ?? '';
      const list = await send(`${system.webUrl}/todos`, { headers: { cookie: `session=${session}` } });
      return [await (await claimsWith(session)).text(), list.status] as const;
    });
    const [one, other] = await Promise.all(pages);
    expect([one?.[0].includes(alice), one?.[0].includes(bob), one?.[1]]).toEqual([true, false, 200]);
    expect([other?.[0].includes(bob), other?.[0].includes(alice), other?.[1]]).toEqual([true, false, 200]);
  });
});
