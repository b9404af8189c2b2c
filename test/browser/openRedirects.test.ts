import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leadsAway, readOpenRedirects } from '../attacks/openRedirects.ts';
import { connectChromium, openWindow, type Window } from '../support/chromium.ts';
import { signInAtTenant } from '../support/customerSteps.ts';
import { type Programs, startPrograms } from '../support/programs.ts';

let programs: Programs;
let chromium: Browser;
let window: Window;
beforeAll(async () => {
  [programs, chromium] = await Promise.all([startPrograms(), connectChromium()]);
  window = await openWindow(chromium);
  await window.page.goto(`${programs.web.url}/auth/signin`);
  await signInAtTenant(window.page, 'alice@example.com');
  await window.page.waitForURL(`${programs.web.url}/`);
});
afterAll(async () => {
  await chromium.close();
  await programs.stop();
});

const groups = readOpenRedirects();

/** Payloads that start with a single slash and still leave the site, and one payload of every group. */
const sample = groups.flatMap(({ payloads }) => {
  const away = payloads.filter((payload) => leadsAway(payload, 'http://localhost/auth/redirect'));
  const hidden = away.filter((payload) => /^\/(?![/\\])/.test(payload));
  return [...hidden, away.find((payload) => !hidden.includes(payload)) ?? payloads[0] ?? ''];
});

describe('in Chromium', () => {
  test('A-49 the sample has at least thirty payloads, from every group', () => {
    expect(sample.length).toBeGreaterThanOrEqual(30);
    expect(new Set(sample).size).toBe(sample.length);
  });

  test.each(
    sample.map((payload) => JSON.stringify(payload).slice(0, 60)).map((shown, index) => [shown, index] as const),
  )('A-49 the browser stays on this site after a sign-in with the returnTo %s', async (_shown, index) => {
    const { page, faults } = window;
    await page.goto(`${programs.web.url}/auth/signin?${new URLSearchParams({ returnTo: sample[index] ?? '' })}`);
    expect(new URL(page.url()).origin).toBe(programs.web.url);
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(1);
    expect(faults).toEqual([]);
  });
});
