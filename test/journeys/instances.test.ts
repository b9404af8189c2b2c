import { seededCustomers, seededPassword } from 'entra-local-tenant';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { freePort } from '../support/freePort.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';

let redis: RedisServer;
let programs: Programs;
beforeAll(async () => {
  redis = await startRedis();
  programs = await startPrograms(redis.url);
});
afterAll(async () => {
  await programs.stop();
  await redis.stop();
});

const [alice] = seededCustomers;

async function signIn(browser: Browser): Promise<void> {
  await browser.goto(`${programs.web.url}/auth/signin?returnTo=/todos`);
  await browser.submit('Next', { email: alice.email });
  await browser.submit('Sign in', { password: seededPassword });
}

describe('with sessions on Redis', () => {
  test('a customer uses the session of one instance on another and signs out there for both', async () => {
    const second = await programs.startWeb({ PORT: String(await freePort()) });
    const browser = new Browser();
    await signIn(browser);
    await browser.goto(`${second.url}/todos`);
    await browser.submit('Add', { description: 'Written on the second' });
    expect(browser.page.url.origin).toBe(second.url);
    await browser.goto(`${programs.web.url}/todos`);
    expect(browser.text()).toContain('Written on the second');
    await browser.goto(`${second.url}/auth/signout`);
    await browser.submit('Sign out');
    expect((await browser.fetch(`${programs.web.url}/todos`)).status).toBe(303);
  });

  test('a sign-in that started on one instance completes on another', async () => {
    const second = await programs.startWeb({ PORT: String(await freePort()) });
    const browser = new Browser();
    await browser.goto(`${second.url}/auth/signin?returnTo=/users/id`);
    await browser.submit('Next', { email: alice.email });
    const page = await browser.submit('Sign in', { password: seededPassword });
    expect([page.url.origin, page.url.pathname]).toEqual([programs.web.url, '/users/id']);
    expect(browser.text()).toContain(alice.email);
  });

  test('Redis holds no readable customer data, no key without expiry, and nothing after sign-out', async () => {
    const client = await createClient({ url: redis.url }).connect();
    await client.flushDb();
    const browser = new Browser();
    await signIn(browser);
    await browser.submit('Add', { description: 'A to-do is the API’s data' });
    await browser.goto(`${programs.web.url}/users/id`);
    const sessionId = /^s%3A([\w-]+)\./.exec(browser.cookies.get('session')?.value ?? '')?.[1] ?? '';
    expect(sessionId).toHaveLength(43);
    const keys = await client.keys('web:*');
    expect(keys.map((key) => key.split(':')[2]).sort()).toEqual([
      'access',
      'claims',
      'msal',
      'rate',
      'rate',
      'session',
      'sid',
      'used',
    ]);
    const read = (key: string) => (key.startsWith('web:v1:sid:') ? client.zRange(key, 0, -1) : client.get(key));
    const dump = keys.join('\n') + (await Promise.all(keys.map(read))).join('\n');
    const secrets = [
      alice.email,
      alice.displayName,
      'Alice',
      alice.oid,
      sessionId,
      'preferred_username',
      'eyJ',
      'refresh',
      '127.0.0.1',
    ];
    for (const secret of secrets) expect(dump).not.toContain(secret);
    for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(0);
    await browser.submit('Sign out');
    const left = await client.keys('web:*');
    expect(left.map((key) => key.split(':')[2]).sort()).toEqual(['rate', 'rate', 'used']);
    const writes = await client.keys('api:v1:rate:*');
    expect(writes).toEqual([expect.stringMatching(`^api:v1:rate:write:[0-9a-f-]{36}:${alice.oid}$`)]);
    expect(await client.ttl(writes[0] ?? '')).toBeGreaterThan(0);
    await client.close();
  });

  test('a customer stays signed in when the web app restarts between two clicks', async () => {
    const browser = new Browser();
    await signIn(browser);
    await browser.submit('Add', { description: 'Kept over a restart' });
    expect(await programs.web.stop()).toEqual({ code: 0, signal: null });
    await programs.startWeb();
    const page = await browser.goto(`${programs.web.url}/todos`);
    expect([page.status, page.url.pathname]).toEqual([200, '/todos']);
    expect(browser.text()).toContain('Kept over a restart');
  });
});
