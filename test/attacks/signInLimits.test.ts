import { seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { claimOn } from '../support/page.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { answerOf } from '../web/callbackSteps.ts';

const limit = 5;

let system: System;
/** A web app behind one proxy, whose header carries the client's address. */
let behindProxy: string;
beforeAll(async () => {
  system = await startSystem();
  behindProxy = await system.startWeb({ SIGN_INS_PER_MINUTE: String(limit), TRUST_PROXY: '1' });
});
afterAll(() => system.stop());

let lastHost = 0;
/** An address that no other test has used. */
function stranger(): string {
  lastHost += 1;
  return `203.0.113.${lastHost}`;
}

const ask = (path: string, from: string, headers = {}) =>
  send(behindProxy + path, { headers: { 'x-forwarded-for': from, ...headers } });

/** The statuses of consecutive requests, one from each address. */
async function statuses(path: string, from: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const address of from) found.push((await ask(path, address)).status);
  return found;
}

const flood = (address: string, size = limit) => Array.from({ length: size }, () => address);

describe('starting sign-ins', () => {
  test('A-101 above the limit of an address gets a page with Retry-After, and the tenant is not called', async () => {
    const [flooder, customer] = [stranger(), stranger()];
    const [asked, logged] = [system.asked.length, system.logged.length];
    expect(await statuses('/auth/signin', flood(flooder))).toEqual(Array(limit).fill(302));
    expect(system.logged.slice(logged).join()).not.toContain('rate-limited');
    const refused = await ask('/auth/signin?returnTo=/todos', flooder);
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([429, 'no-store']);
    expect(Number(refused.headers.get('retry-after'))).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 60);
    expect([refused.headers.has('set-cookie'), refused.headers.has('location')]).toEqual([false, false]);
    expect(await refused.text()).toContain('reload this page');
    expect((await ask('/auth/signin', customer)).status).toBe(302);
    expect(system.asked.length).toBe(asked);
    const lines = system.logged.slice(logged).join('\n');
    expect(lines.match(/"event":"rate-limited"/g)).toHaveLength(1);
    expect(lines).not.toContain(flooder);
  });

  test('A-101 reveals nothing about the remaining limit', async () => {
    const address = stranger();
    for (const { headers } of [await ask('/auth/signin', address), await ask('/auth/redirect', address)]) {
      expect([...headers.keys()].filter((name) => /rate-?limit/i.test(name))).toEqual([]);
    }
  });

  test('A-101 from a script is refused as JSON', async () => {
    const address = stranger();
    await statuses('/auth/signin', flood(address));
    const refused = await ask('/auth/signin', address, { 'sec-fetch-mode': 'cors' });
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
    expect(await refused.json()).toMatchObject({ error: 'Please wait a moment' });
  });

  test('A-101 counts HEAD requests', async () => {
    const address = stranger();
    for (const _ of flood(address)) {
      await send(`${behindProxy}/auth/signin`, { method: 'HEAD', headers: { 'x-forwarded-for': address } });
    }
    expect((await ask('/auth/signin', address)).status).toBe(429);
  });

  test('A-101 does not affect other pages or signed-in customers', async () => {
    const address = stranger();
    const alice = await system.signedIn('alice@example.com');
    await statuses('/auth/signin', flood(address, limit + 1));
    for (const path of ['/', '/users/id', '/todos', '/auth/signout', '/auth/signed-out', '/livez', '/assets/app.css']) {
      const headers = { 'x-forwarded-for': address };
      expect([path, (await alice.fetch(behindProxy + path, { headers })).status]).toEqual([path, 200]);
    }
  });
});

describe('responses to sign-ins', () => {
  const callback = '/auth/redirect?code=x&state=y';

  test('A-101 have their own limit, above which the tenant is not called', async () => {
    const address = stranger();
    const asked = system.asked.length;
    await statuses('/auth/signin', flood(address, limit + 1));
    expect(await statuses(callback, flood(address))).toEqual(Array(limit).fill(400));
    const refused = await ask(callback, address);
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
    expect(system.asked.length).toBe(asked);
  });

  test('A-101 from one address succeed while another address floods', async () => {
    const flooder = stranger();
    await statuses('/auth/signin', flood(flooder, limit + 1));
    expect((await statuses(callback, flood(flooder, limit + 1))).at(-1)).toBe(429);
    const browser = new Browser();
    await browser.goto(`${behindProxy}/auth/signin?returnTo=/users/id`);
    await browser.submit('Next', { email: 'alice@example.com' });
    const page = await browser.submit('Sign in', { password: seededPassword });
    expect([page.status, page.url.href]).toEqual([200, `${behindProxy}/users/id`]);
  });

  test('A-101 survive a refusal: the same response signs in once the limit allows it', async () => {
    const browser = new Browser();
    const answer = await answerOf(behindProxy, browser, 'bob@example.com');
    const flooded = { headers: { 'x-forwarded-for': stranger() } };
    for (const _ of flood('')) await send(`${behindProxy}${callback}`, flooded);
    expect((await browser.fetch(answer, flooded)).status).toBe(429);
    const later = await browser.fetch(answer, { headers: { 'x-forwarded-for': stranger() } });
    expect([later.status, later.headers.get('location')]).toEqual([303, '/']);
  });
});

describe('the address that a limit counts', () => {
  test('A-57 ignores X-Forwarded-For when no proxy is configured', async () => {
    const direct = await system.startWeb({ SIGN_INS_PER_MINUTE: String(limit) });
    const from = (address: string) => send(`${direct}/auth/signin`, { headers: { 'x-forwarded-for': address } });
    for (const _ of flood('')) expect((await from(stranger())).status).toBe(302);
    expect((await from(stranger())).status).toBe(429);
  });

  test('A-57 is the one that the trusted proxy appended, whatever the client sent', async () => {
    const [flooder, customer] = [stranger(), stranger()];
    await statuses(
      '/auth/signin',
      flood(flooder).map((address) => `${stranger()}, ${stranger()}, ${address}`),
    );
    expect((await ask('/auth/signin', `6.6.6.6, ${flooder}`)).status).toBe(429);
    expect((await ask('/auth/signin', `${flooder}, ${customer}`)).status).toBe(302);
  });

  test('A-57 excludes the port, which Azure’s proxies append and which changes with each connection', async () => {
    const address = stranger();
    await statuses(
      '/auth/signin',
      flood(address).map((host, index) => `${host}:${50_000 + index}`),
    );
    expect((await ask('/auth/signin', `${address}:60000`)).status).toBe(429);
    const ports = [1, 2, 3, 4, 5].map((port) => `[2001:db8:77::7]:${port}`);
    expect(await statuses('/auth/signin', [...ports, '2001:db8:77::7'])).toEqual([...Array(limit).fill(302), 429]);
  });

  test('A-57 is the subscriber’s subnet for IPv6, and the same for both notations of an IPv4 address', async () => {
    const subscriber = ['2001:db8:5:1::1', '2001:db8:5:2::1', '2001:db8:5:ff::9', '2001:db8:5::2', '2001:db8:5:80::3'];
    await statuses('/auth/signin', subscriber);
    expect(await statuses('/auth/signin', ['2001:db8:5:7::7', '2001:db8:5:100::7'])).toEqual([429, 302]);
    const address = stranger();
    await statuses('/auth/signin', flood(`::ffff:${address}`));
    expect((await ask('/auth/signin', address)).status).toBe(429);
  });

  test('A-57 is the same for all invalid addresses, so that inventing them gains nothing', async () => {
    const found = await statuses('/auth/signin', ['unknown', '_hidden', '1.2.3', 'x:y:z', '-', '999.1.1.1']);
    expect(found).toEqual([...Array(limit).fill(302), 429]);
  });
});

test('A-79 front-channel logouts above 300 a minute are refused for that address only, except those that end a session', async () => {
  const [flooder, tenant] = [stranger(), stranger()];
  const alice = await system.signedIn('alice@example.com');
  const { html } = await alice.goto(`${system.webUrl}/users/id`);
  const logout = `/auth/front-channel-logout?sid=${claimOn(html, 'sid')}`;
  expect(await statuses('/auth/front-channel-logout?sid=x', flood(flooder, 300))).toEqual(Array(300).fill(200));
  const refused = await ask('/auth/front-channel-logout?sid=x', flooder);
  expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
  expect((await alice.fetch(`${system.webUrl}/users/id`)).status).toBe(200);
  expect((await ask('/auth/front-channel-logout?sid=x', tenant)).status).toBe(200);
  expect((await ask(logout, flooder)).status).toBe(200);
  expect((await alice.fetch(`${system.webUrl}/users/id`)).status).toBe(303);
});
