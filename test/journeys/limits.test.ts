import { seededCustomers, seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { freePort } from '../support/freePort.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { startOf } from '../web/callbackSteps.ts';

let programs: Programs;
beforeAll(async () => {
  programs = await startPrograms(undefined, { api: { WRITES_PER_MINUTE: '2' } });
});
afterAll(() => programs.stop());

const [alice] = seededCustomers;

describe('the programs enforce the limits in their settings', () => {
  test('A-101 for sign-ins from an address', async () => {
    const web = await programs.startWeb({ PORT: String(await freePort()), SIGN_INS_PER_MINUTE: '5' });
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      statuses.push((await new Browser().fetch(`${web.url}/auth/signin`)).status);
    }
    expect(statuses).toEqual([302, 302, 302, 302, 302, 429]);
  });

  test('B-47 for a customer’s changes: the page explains it and keeps the text', async () => {
    const browser = new Browser();
    await browser.goto(`${programs.web.url}/auth/signin?returnTo=/todos`);
    await browser.submit('Next', { email: alice.email });
    await browser.submit('Sign in', { password: seededPassword });
    for (const description of ['One', 'Two']) await browser.submit('Add', { description });
    const page = await browser.submit('Add', { description: 'One too many' });
    expect(page.status).toBe(429);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(browser.text()).toContain('this one was not saved');
    expect(browser.form('Add').fields.description).toBe('One too many');
    const removal = await browser.submit('Remove Two');
    expect([removal.status, browser.text().includes('so this was not done')]).toEqual([429, true]);
    await browser.goto(`${programs.web.url}/todos`);
    for (const [text, isThere] of [['One', true] as const, ['Two', true] as const, ['One too many', false] as const]) {
      expect([text, browser.page.html.includes(`<span class="text">${text}<`)]).toEqual([text, isThere]);
    }
  });

  test('F25 for calls to the tenant: of twenty customers who return at once, some are told to try again', async () => {
    const web = await programs.startWeb({ PORT: String(await freePort()), TOKEN_CALLS_PER_SECOND: '1' });
    const browsers = Array.from({ length: 20 }, () => new Browser());
    const states = await Promise.all(
      browsers.map(async (browser) => new URL(await startOf(web.url, browser)).searchParams.get('state')),
    );
    const refusals = browsers.map(async (browser, index) => {
      const answer = await browser.fetch(`${web.url}/auth/redirect?code=x&state=${states[index]}`);
      if (answer.status !== 503) throw new Error(`was answered ${answer.status}`);
      return answer;
    });
    const refused = await Promise.any(refusals);
    expect([refused.headers.get('retry-after'), (await refused.text()).includes('Sign-in is busy')]).toEqual([
      '5',
      true,
    ]);
    await web.stop('SIGKILL');
    await Promise.allSettled(refusals);
  });
});
