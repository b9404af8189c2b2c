import { expect } from 'vitest';
import { Browser } from './Browser.ts';
import { type Programs, startPrograms } from './programs.ts';
import { startRedis } from './redisServer.ts';
import { newestCode } from './TenantBrowser.ts';

/**
 * Signs up customers who then read their to-do lists all at once. Each must see only their own to-dos. Half of the
 * customers have access tokens that are about to expire, so each of their pages renews one.
 */
export async function expectOwnPages(customers: number, pagesEach: number): Promise<void> {
  const redis = await startRedis();
  const programs = await startPrograms(redis.url);
  try {
    const half = customers / 2;
    await setAccessTokenLifetime(programs, 200);
    const browsers: Browser[] = [];
    for (let number = 0; number < half; number += 1) browsers.push(await signUp(programs, number));
    await setAccessTokenLifetime(programs, null);
    for (let number = half; number < customers; number += 1) browsers.push(await signUp(programs, number));
    await setAccessTokenLifetime(programs, 200);
    const before = await renewals(programs);
    const visits = browsers.map(async (browser, number) => {
      const foreign: string[] = [];
      for (let page = 0; page < pagesEach; page += 1) foreign.push(...(await foreignOn(browser, number)));
      return foreign;
    });
    expect((await Promise.all(visits)).flat()).toEqual([]);
    expect((await renewals(programs)) - before).toBe(half * pagesEach);
  } finally {
    await programs.stop();
    await redis.stop();
  }
}

async function signUp({ web, tenant }: Programs, number: number): Promise<Browser> {
  const browser = new Browser();
  const email = `customer${number}@example.com`;
  await browser.goto(`${web.url}/auth/signin?prompt=create&returnTo=/todos`);
  await browser.submit('Next', { email });
  await browser.submit('Continue', { code: await newestCode(tenant.url, email) });
  const password = 'A-good-one-7';
  await browser.submit('Create account', { password, confirmPassword: password, displayName: `Customer ${number}.` });
  await browser.submit('Add', { description: `Secret of Customer ${number}.` });
  return browser;
}

async function setAccessTokenLifetime({ tenant }: Programs, seconds: number | null): Promise<void> {
  await fetch(`${tenant.url}/dev/access-token-lifetime`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seconds }),
  });
}

async function renewals({ tenant }: Programs): Promise<number> {
  const response = await fetch(`${tenant.url}/dev/token-answers`);
  return JSON.parse(await response.text()).refresh_token ?? 0;
}

/** Reads the to-do list. @returns the numbers of other customers that it shows, or the status if their own to-do is missing */
async function foreignOn(browser: Browser, number: number): Promise<string[]> {
  const response = await browser.fetch('/todos');
  const html = await response.text();
  if (response.status !== 200 || !html.includes(`Secret of Customer ${number}.`)) return [`${response.status}`];
  const shown = [...html.matchAll(/Customer (\d+)\./g)].map(([, owner]) => owner ?? '');
  return shown.filter((owner) => owner !== String(number));
}
