import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import type { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { aMinuteLater } from '../web/callbackSteps.ts';

const client = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 4 * 1024 * 1024 });
/** The access tokens in calls of the API. */
const accessTokens: (string | undefined)[] = [];
/** The number of API calls to answer with 401. */
let refusals = 0;
const todoHttp: HttpClient = {
  async request(request) {
    accessTokens.push(request.headers?.authorization);
    if (refusals === 0) return await client.request(request);
    refusals -= 1;
    return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, body: '' };
  },
};

let system: System;
let url: string;
let browser: Browser;
beforeAll(async () => {
  system = await startSystem();
  url = await system.startWeb({}, { todoHttp });
});
afterAll(() => system.stop());
beforeEach(async () => {
  // Below the renewal margin of five minutes, so that each page renews the token.
  await system.control('access-token-lifetime', { seconds: 60 });
  browser = await system.signedIn('alice@example.com');
  accessTokens.length = 0;
  system.asked.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

const tokenRequests = () => system.asked.filter((call) => call.endsWith('/token')).length;

test('oidcc-client-test-refresh-token', async () => {
  expect((await browser.goto(`${url}/todos`)).status).toBe(200);
  expect((await browser.goto(`${url}/todos`)).status).toBe(200);
  expect([tokenRequests(), new Set(accessTokens).size]).toEqual([2, 2]);
});

test('oidcc-client-test-refresh-token-invalid-issuer', async () => {
  await system.control('faults', { name: 'id-token-issuer-one-more', times: 1 });
  expect((await browser.goto(`${url}/todos`)).status).toBe(502);
  expect([tokenRequests(), accessTokens]).toEqual([1, []]);
  expect(system.logged.join('\n')).toContain('unexpected \\"iss\\" claim value');
});

test('oidcc-client-test-refresh-token-invalid-sub', async () => {
  const stolen = browser.cookies.get('session');
  await system.control('faults', { name: 'id-token-sub-one-more', times: 1 });
  aMinuteLater();
  const answer = await browser.fetch(`${url}/todos`);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signin?returnTo=%2Ftodos']);
  expect([tokenRequests(), accessTokens]).toEqual([1, []]);
  expect(system.logged.join('\n')).toContain('CustomerChanged: sub changed on refresh');
  expect(browser.cookies.has('session')).toBe(false);
  const replayed = await browser.fetch(`${url}/users/id`, { headers: { cookie: `session=${stolen?.value}` } });
  expect(replayed.status).toBe(303);
});

test('fapi2-security-profile-final-client-refresh-token-test', async () => {
  await system.control('access-token-lifetime', { seconds: 3600 });
  browser = await system.signedIn('alice@example.com');
  expect((await browser.goto(`${url}/todos`)).status).toBe(200);
  [accessTokens.length, system.asked.length, refusals] = [0, 0, 2];
  aMinuteLater();
  const answer = await browser.fetch(`${url}/todos`);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/signin?returnTo=%2Ftodos']);
  expect([tokenRequests(), new Set(accessTokens).size]).toEqual([1, 2]);
});
