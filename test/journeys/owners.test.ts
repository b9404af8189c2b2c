import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import { newestCode } from '../support/TenantBrowser.ts';

const customers = 20;
const pagesEach = 100;

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

const nameOf = (number: number) => `Customer ${number} of ${customers}`;

async function signUp(number: number): Promise<Browser> {
  const browser = new Browser();
  const email = `customer${number}@example.com`;
  await browser.goto(`${programs.web.url}/auth/signin?prompt=create&returnTo=/todos`);
  await browser.submit('Next', { email });
  await browser.submit('Continue', { code: await newestCode(programs.tenant.url, email) });
  const password = 'A-good-one-7';
  await browser.submit('Create account', { password, confirmPassword: password, displayName: nameOf(number) });
  await browser.submit('Add', { description: `Secret of ${nameOf(number)}.` });
  return browser;
}

async function setAccessTokenLifetime(seconds: number | null): Promise<void> {
  await fetch(`${programs.tenant.url}/dev/access-token-lifetime`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seconds }),
  });
}

async function refreshes(): Promise<number> {
  const response = await fetch(`${programs.tenant.url}/dev/token-answers`);
  return JSON.parse(await response.text()).refresh_token ?? 0;
}

/** Looks at the list, and says what on it belongs to anybody else. */
async function foreignOn(browser: Browser, number: number): Promise<string[]> {
  const response = await browser.fetch(`${programs.web.url}/todos`);
  const html = await response.text();
  const owners = [...html.matchAll(/Customer (\d+) of/g)].map((match) => match[1]);
  if (response.status !== 200 || !html.includes(`Secret of ${nameOf(number)}.`)) return [`${response.status}`];
  return owners.filter((owner): owner is string => owner !== undefined && owner !== String(number));
}

test(`${customers * pagesEach} pages of ${customers} customers at once, half of them with a refresh, show each only their own`, {
  timeout: 120_000,
}, async () => {
  // Those of the first half get tokens that are about to expire, so that every page of theirs refreshes them.
  await setAccessTokenLifetime(200);
  const browsers: Browser[] = [];
  for (let number = 0; number < customers / 2; number += 1) browsers.push(await signUp(number));
  await setAccessTokenLifetime(null);
  for (let number = customers / 2; number < customers; number += 1) browsers.push(await signUp(number));
  await setAccessTokenLifetime(200);
  const before = await refreshes();
  const visits = browsers.map(async (browser, number) => {
    const foreign: string[] = [];
    for (let page = 0; page < pagesEach; page += 1) foreign.push(...(await foreignOn(browser, number)));
    return foreign;
  });
  expect((await Promise.all(visits)).flat()).toEqual([]);
  expect((await refreshes()) - before).toBe((customers / 2) * pagesEach);
});
