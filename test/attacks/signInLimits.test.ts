import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededPassword } from '../../local-tenant/src/CustomerDirectory.ts';
import { Browser } from '../support/Browser.ts';
import { claimOn } from '../support/page.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { answerOf } from '../web/callbackSteps.ts';

const limit = 5;

let system: System;
/** A web app behind one proxy, whose header is the client's address. */
let behindProxy: string;
beforeAll(async () => {
  system = await startSystem();
  behindProxy = await system.startWeb({ SIGN_INS_PER_MINUTE: String(limit), TRUST_PROXY: '1' });
});
afterAll(() => system.stop());

let lastHost = 0;
/** An address that no other test has used up. */
function stranger(): string {
  lastHost += 1;
  return `203.0.113.${lastHost}`;
}

const ask = (path: string, from: string, headers = {}) =>
  send(behindProxy + path, { headers: { 'x-forwarded-for': from, ...headers } });

/** The statuses of requests in a row, one from each address. */
async function statuses(path: string, from: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const address of from) found.push((await ask(path, address)).status);
  return found;
}

const flood = (address: string, size = limit) => Array.from({ length: size }, () => address);

describe('sign-ins that begin', () => {
  test('A-101 above the limit of an address are refused in words, with Retry-After, and ask the tenant nothing', async () => {
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

  test('A-101 tell nobody how near the limit is', async () => {
    const address = stranger();
    for (const { headers } of [await ask('/auth/signin', address), await ask('/auth/redirect', address)]) {
      expect([...headers.keys()].filter((name) => /rate-?limit/i.test(name))).toEqual([]);
    }
  });

  test('A-101 that a script asks for are refused as JSON', async () => {
    const address = stranger();
    await statuses('/auth/signin', flood(address));
    const refused = await ask('/auth/signin', address, { 'sec-fetch-mode': 'cors' });
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
    expect(await refused.json()).toMatchObject({ error: 'Please wait a moment' });
  });

  test('A-101 count with HEAD as well', async () => {
    const address = stranger();
    for (const _ of flood(address)) {
      await send(`${behindProxy}/auth/signin`, { method: 'HEAD', headers: { 'x-forwarded-for': address } });
    }
    expect((await ask('/auth/signin', address)).status).toBe(429);
  });

  test('A-101 leave the other pages and the customers who are signed in alone', async () => {
    const address = stranger();
    const alice = await system.signedIn('alice@example.com');
    await statuses('/auth/signin', flood(address, limit + 1));
    for (const path of ['/', '/users/id', '/todos', '/auth/signout', '/auth/signed-out', '/livez', '/assets/app.css']) {
      const headers = { 'x-forwarded-for': address };
      expect([path, (await alice.fetch(behindProxy + path, { headers })).status]).toEqual([path, 200]);
    }
  });
});

describe('sign-ins that come back', () => {
  const callback = '/auth/redirect?code=x&state=y';

  test('A-101 have a count of their own, and above it the tenant is not asked', async () => {
    const address = stranger();
    const asked = system.asked.length;
    await statuses('/auth/signin', flood(address, limit + 1));
    expect(await statuses(callback, flood(address))).toEqual(Array(limit).fill(400));
    const refused = await ask(callback, address);
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
    expect(system.asked.length).toBe(asked);
  });

  test('A-101 are finished at one address while another floods', async () => {
    const flooder = stranger();
    await statuses('/auth/signin', flood(flooder, limit + 1));
    expect((await statuses(callback, flood(flooder, limit + 1))).at(-1)).toBe(429);
    const browser = new Browser();
    await browser.goto(`${behindProxy}/auth/signin?returnTo=/users/id`);
    await browser.submit('Next', { email: 'alice@example.com' });
    const page = await browser.submit('Sign in', { password: seededPassword });
    expect([page.status, page.url.href]).toEqual([200, `${behindProxy}/users/id`]);
  });

  test('A-101 are not lost by a refusal: the same answer signs in once there is room', async () => {
    const browser = new Browser();
    const answer = await answerOf(behindProxy, browser, 'bob@example.com');
    const flooded = { headers: { 'x-forwarded-for': stranger() } };
    for (const _ of flood('')) await send(`${behindProxy}${callback}`, flooded);
    expect((await browser.fetch(answer, flooded)).status).toBe(429);
    const later = await browser.fetch(answer, { headers: { 'x-forwarded-for': stranger() } });
    expect([later.status, later.headers.get('location')]).toEqual([303, '/']);
  });
});

describe('the address that requests are counted for', () => {
  test('A-57 is not what a client says in X-Forwarded-For while no proxy is counted', async () => {
    const direct = await system.startWeb({ SIGN_INS_PER_MINUTE: String(limit) });
    const from = (address: string) => send(`${direct}/auth/signin`, { headers: { 'x-forwarded-for': address } });
    for (const _ of flood('')) expect((await from(stranger())).status).toBe(302);
    expect((await from(stranger())).status).toBe(429);
  });

  test('A-57 is what the one trusted proxy added, whatever the client put before it', async () => {
    const [flooder, customer] = [stranger(), stranger()];
    await statuses(
      '/auth/signin',
      flood(flooder).map((address) => `${stranger()}, ${stranger()}, ${address}`),
    );
    expect((await ask('/auth/signin', `6.6.6.6, ${flooder}`)).status).toBe(429);
    expect((await ask('/auth/signin', `${flooder}, ${customer}`)).status).toBe(302);
  });

  test('A-57 has no port, which Azure’s proxies add and each connection changes', async () => {
    const address = stranger();
    await statuses(
      '/auth/signin',
      flood(address).map((host, index) => `${host}:${50_000 + index}`),
    );
    expect((await ask('/auth/signin', `${address}:60000`)).status).toBe(429);
    const ports = [1, 2, 3, 4, 5].map((port) => `[2001:db8:77::7]:${port}`);
    expect(await statuses('/auth/signin', [...ports, '2001:db8:77::7'])).toEqual([...Array(limit).fill(302), 429]);
  });

  test('A-57 is of IPv6 the subnet that a subscriber has, and one address in either spelling of IPv4', async () => {
    const subscriber = ['2001:db8:5:1::1', '2001:db8:5:2::1', '2001:db8:5:ff::9', '2001:db8:5::2', '2001:db8:5:80::3'];
    await statuses('/auth/signin', subscriber);
    expect(await statuses('/auth/signin', ['2001:db8:5:7::7', '2001:db8:5:100::7'])).toEqual([429, 302]);
    const address = stranger();
    await statuses('/auth/signin', flood(`::ffff:${address}`));
    expect((await ask('/auth/signin', address)).status).toBe(429);
  });

  test('A-57 is one for all that is no address, so that inventing more gains nothing', async () => {
    const found = await statuses('/auth/signin', ['unknown', '_hidden', '1.2.3', 'x:y:z', '-', '999.1.1.1']);
    expect(found).toEqual([...Array(limit).fill(302), 429]);
  });
});

test('A-79 a flood of front-channel logouts is refused above 300 a minute, for its address alone, and ends nothing', async () => {
  const [flooder, tenant] = [stranger(), stranger()];
  const alice = await system.signedIn('alice@example.com');
  const { html } = await alice.goto(`${system.webUrl}/users/id`);
  const logout = `/auth/front-channel-logout?sid=${claimOn(html, 'sid')}`;
  expect(await statuses('/auth/front-channel-logout?sid=x', flood(flooder, 300))).toEqual(Array(300).fill(200));
  const refused = await ask(logout, flooder);
  expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
  expect((await alice.fetch(`${system.webUrl}/users/id`)).status).toBe(200);
  expect((await ask(logout, tenant)).status).toBe(200);
  expect((await alice.fetch(`${system.webUrl}/users/id`)).status).toBe(303);
});
