import { seededPassword } from 'entra-local-tenant';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectChromium, openWindow } from '../support/chromium.ts';
import { type Programs, startPrograms } from '../support/programs.ts';

interface Focus {
  readonly name: string;
  readonly outlineStyle: string;
}

const focusScript = `(() => {
  const element = document.activeElement;
  const name = element.labels?.[0]?.innerText ?? element.innerText;
  return { name: name.trim().replace(/\\s+/g, ' '), outlineStyle: getComputedStyle(element).outlineStyle };
})()`;

function focus(page: Page): Promise<Focus> {
  return page.evaluate<Focus>(focusScript);
}

/** Presses Tab until the control with this name has the focus. Every stop on the way must have a visible outline. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab');
    const reached = await focus(page);
    expect(reached.outlineStyle, `the outline of ${reached.name}`).not.toBe('none');
    if (reached.name === name) return;
  }
  throw new Error(`${name} is not among the first 20 stops of ${page.url()}`);
}

describe('with the keyboard only', () => {
  let programs: Programs;
  let chromium: Browser;
  beforeAll(async () => {
    [programs, chromium] = await Promise.all([startPrograms(), connectChromium()]);
  });
  afterAll(async () => {
    await chromium.close();
    await programs.stop();
  });

  async function pressEnter(page: Page, leadsTo: string | RegExp): Promise<void> {
    await Promise.all([page.waitForURL(leadsTo), page.keyboard.press('Enter')]);
  }

  test('a customer signs in, adds a to-do, changes it and signs out', async () => {
    const { context, page, faults } = await openWindow(chromium);
    const web = programs.web.url;
    await page.goto(web);
    await tabTo(page, 'Sign in');
    await pressEnter(page, /\/interaction\//);
    await page.getByLabel('Email address').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('alice@example.com');
    await pressEnter(page, /\/password$/);
    await page.getByLabel('Password').and(page.locator(':focus')).waitFor();
    await page.keyboard.type(seededPassword);
    await pressEnter(page, `${web}/`);

    await tabTo(page, 'To-do list');
    await pressEnter(page, `${web}/todos`);
    await tabTo(page, 'What is there to do?');
    await page.keyboard.type('Water the plants');
    await page.keyboard.press('Enter');
    await page.getByText('Water the plants', { exact: true }).first().waitFor();

    await tabTo(page, 'Water the plants Change');
    await page.keyboard.press('Enter');
    await tabTo(page, 'New text');
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('Water the roses');
    await page.keyboard.press('Enter');
    await page.getByText('Water the roses', { exact: true }).first().waitFor();

    await tabTo(page, 'Sign out');
    await pressEnter(page, `${web}/auth/signed-out`);
    await context.close();
    expect(faults).toEqual([]);
  });

  test('the first stop of a page is a link that skips its header', async () => {
    const { context, page } = await openWindow(chromium);
    await page.goto(programs.web.url);
    const skip = page.getByRole('link', { name: 'Skip to content' });
    await page.keyboard.press('Tab');
    expect((await focus(page)).name).toBe('Skip to content');
    expect((await skip.boundingBox())?.width).toBeGreaterThan(100);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect((await focus(page)).name).toBe('Sign in');
    await context.close();
  });
});
