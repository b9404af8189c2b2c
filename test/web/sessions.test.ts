import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

let minutesAhead = 0;
const now = () => Date.now() + minutesAhead * 60_000;
const records = new WatchedKeyValueStore(now);
let system: System;
let alice: Browser;
beforeAll(async () => {
  system = await startSystem({ SESSION_IDLE_MINUTES: '30', SESSION_ABSOLUTE_HOURS: '1' }, records, { now });
  alice = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());
afterEach(() => {
  minutesAhead = 0;
});

/** Signs in again. The tenant knows the browser and asks nothing. */
async function again(browser: Browser): Promise<void> {
  await browser.goto(`${system.webUrl}/auth/signin`);
}

function sessionOf(browser: Browser): string {
  return browser.cookies.get('session')?.value ?? '';
}

/** The claims page's status for a session cookie: 200 for a customer, else 303. */
async function statusWith(session: string): Promise<number> {
  const headers = { cookie: `session=${session}`, accept: 'text/html' };
  return (await send(`${system.webUrl}/users/id`, { headers })).status;
}

describe('a session', () => {
  test("A-59 begins with a new id, and ends the browser's earlier session, even an attacker's", async () => {
    await again(alice);
    const planted = sessionOf(alice);
    const victim = new Browser();
    victim.cookies.set('session', { value: planted, path: '/' });
    await alice.goto(`${system.webUrl}/todos`);
    const plantedToken = alice.form('Add').fields._csrf ?? '';
    const keysOfPlanted = [...records.keys];
    const bob = await system.signedIn('bob@example.com');
    for (const [name, cookie] of bob.cookies) if (name !== 'session') victim.cookies.set(name, cookie);
    await again(victim);
    expect((await victim.goto(`${system.webUrl}/users/id`)).html).toContain('bob@example.com');
    expect(sessionOf(victim)).not.toBe(planted);
    expect(await statusWith(planted)).toBe(303);
    expect(keysOfPlanted.filter((key) => records.keys.has(key) && !key.startsWith('web:v1:used:'))).toEqual([]);
    await victim.goto(`${system.webUrl}/todos`);
    expect(victim.form('Add').fields._csrf).not.toBe(plantedToken);
    await again(alice);
  });

  test('A-59 does not begin under a made-up id', async () => {
    const browser = new Browser();
    browser.cookies.set('session', { value: 's%3Amade-up.c2lnbmF0dXJl', path: '/' });
    expect((await browser.goto(`${system.webUrl}/`)).status).toBe(200);
    expect(sessionOf(browser)).toBe('s%3Amade-up.c2lnbmF0dXJl');
    expect(await statusWith(sessionOf(browser))).toBe(303);
  });

  test('A-61 A-64 ends after its idle time, and its id is not used again', async () => {
    const old = sessionOf(alice);
    minutesAhead = 20;
    expect(await statusWith(old)).toBe(200);
    // More than 30 minutes after that, and less than the hour after which every session ends.
    minutesAhead = 51;
    const answer = await alice.fetch(`${system.webUrl}/users/id?x=1`);
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/auth/signin?returnTo=%2Fusers%2Fid%3Fx%3D1',
    ]);
    expect(answer.headers.has('set-cookie')).toBe(false);
    minutesAhead = 0;
    await again(alice);
    expect(sessionOf(alice)).not.toBe(old);
    expect(await statusWith(old)).toBe(303);
  });

  test('A-64 that was idle too long rejects a form, which keeps its text and is not sent later', async () => {
    await again(alice);
    await alice.goto(`${system.webUrl}/todos`);
    const late = alice.form('Add').fields;
    minutesAhead = 31;
    const page = await alice.submit('Add', { description: 'Written after lunch' });
    expect([page.status, page.headers.has('location')]).toEqual([401, false]);
    expect(alice.text()).toContain('Written after lunch');
    const link = /href="(\/auth\/signin[^"]*)"/.exec(page.html)?.[1];
    expect(link).toBe('/auth/signin?returnTo=%2Ftodos');
    minutesAhead = 0;
    await alice.goto(`${system.webUrl}${link}`);
    expect([alice.page.url.pathname, alice.page.html.includes('Written after lunch')]).toEqual(['/todos', false]);
    const body = new URLSearchParams({ ...late, description: 'Written after lunch' });
    expect((await alice.fetch(`${system.webUrl}/todos`, { method: 'POST', body })).status).toBe(403);
  });

  test('A-64 ends an hour after the sign-in although it is in use, and a form keeps its text', async () => {
    await again(alice);
    await alice.goto(`${system.webUrl}/todos`);
    for (const minutes of [25, 50, 59]) {
      minutesAhead = minutes;
      expect(await statusWith(sessionOf(alice))).toBe(200);
    }
    minutesAhead = 61;
    const page = await alice.submit('Add', { description: 'Written too late' });
    expect([page.status, alice.text().includes('Please sign in')]).toEqual([401, true]);
    expect(alice.text()).toContain('Written too late');
    expect(alice.text()).toContain('Nothing was changed');
    minutesAhead = 0;
    await again(alice);
    expect((await alice.goto(`${system.webUrl}/todos`)).html).not.toContain('Written too late');
  });

  test('A-62 has a cookie hidden from scripts and other sites, and an id that appears nowhere else', async () => {
    const { url } = await alice.goto(
      `${system.webUrl}/auth/signin`,
      {},
      ({ pathname }) => pathname === '/auth/redirect',
    );
    const answer = await alice.fetch(url);
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('session='));
    expect(cookie).toMatch(/^session=s%3A[\w%.-]+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookie?.length).toBeLessThan(4096);
    const id = decodeURIComponent(sessionOf(alice)).slice(2).split('.')[0] ?? '';
    expect(id).toMatch(/^[\w-]{43}$/);
    for (const path of ['/', '/users/id', '/todos', '/auth/signout', '/no-such-page']) {
      expect((await alice.goto(system.webUrl + path)).html).not.toContain(id);
    }
    expect([...system.logged, ...records.keys].join('\n')).not.toContain(id);
  });

  test('A-62 starts with a cookie so small that five fit into a request, even for the longest page address', async () => {
    const answer = await send(`${system.webUrl}/auth/signin?returnTo=/${'x'.repeat(511)}`);
    expect(answer.headers.get('set-cookie')?.length).toBeGreaterThan(700);
    expect(answer.headers.get('set-cookie')?.length).toBeLessThan(1600);
  });

  test('does not count as ended while the store is unavailable', async () => {
    records.isAway = (_method, key) => key.startsWith('web:v1:session');
    const answer = await alice.fetch(`${system.webUrl}/users/id`);
    records.isAway = () => false;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.headers.has('set-cookie')).toBe(false);
    expect(await statusWith(sessionOf(alice))).toBe(200);
  });

  test('gives back what the customer wrote while the store is unavailable', async () => {
    records.isAway = (_method, key) => key.startsWith('web:v1:session');
    const body = new URLSearchParams({ description: 'Not to be lost' });
    const answer = await alice.fetch(`${system.webUrl}/todos`, { method: 'POST', body });
    records.isAway = () => false;
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('Not to be lost');
  });
});

describe('a sign-out', () => {
  const kept = () => [...records.keys].filter((key) => !key.startsWith('web:v1:used:'));

  test.each([
    ['reads', 'get', 'access', null, 0],
    ['keeps the session alive', 'replace', 'session', null, 2],
    ['renews tokens', 'replace', 'msal', 60, 0],
  ] as const)('A-75 is final although another request still %s', async (_what, method, kind, seconds, minutes) => {
    const keptBefore = kept();
    await system.control('access-token-lifetime', { seconds });
    const browser = await system.signedIn('bob@example.com');
    await browser.goto(`${system.webUrl}/auth/signout`);
    const session = sessionOf(browser);
    minutesAhead = minutes;
    const held = records.hold(method, kind);
    const late = browser.fetch(`${system.webUrl}/todos`);
    await held.arrived;
    await browser.submit('Sign out', {}, () => true);
    held.release();
    expect([200, 303]).toContain((await late).status);
    expect(await statusWith(session)).toBe(303);
    expect(kept()).toEqual(keptBefore);
  });
});
