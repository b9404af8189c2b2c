import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectChromium, openWindow, type Window } from '../support/chromium.ts';
import { press, signInAtTenant, signUpAtTenant } from '../support/customerSteps.ts';
import { type System, startSystem, until } from '../support/system.ts';

let system: System;
let chromium: Browser;
beforeAll(async () => {
  [system, chromium] = await Promise.all([startSystem(), connectChromium()]);
});
afterAll(async () => {
  await chromium.close();
  await system.stop();
});

let window: Window;
let page: Page;
/** Messages of scripts that ran. */
let said: string[];
beforeEach(async () => {
  window = await openWindow(chromium);
  page = window.page;
  said = [];
  page.on('dialog', async (dialog) => {
    said.push(dialog.message());
    await dialog.dismiss();
  });
});
afterEach(() => window.context.close());

const scripts = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  '"onfocus="alert(1)"autofocus="',
  '</title></textarea><iframe srcdoc="<script>parent.alert(1)</script>">',
  'javascript:alert(1)',
  '<%= process.exit(1) %>',
];

/** Elements that no page of the app contains. */
const foreign =
  'script, iframe, object, embed, base, svg, style, [onerror], [onload], [onfocus], [style], a[href^="javascript:"]';

describe('in Chromium', () => {
  test('A-81 to-dos that contain scripts are shown as text when they are added, changed, refused and removed', async () => {
    await page.goto(`${system.webUrl}/auth/signin?returnTo=/todos`);
    await signInAtTenant(page, 'alice@example.com');
    const field = page.getByLabel('What is there to do?');
    for (const script of scripts) {
      await field.fill(script);
      await press(page, 'Add');
      expect(await page.locator('.text').allInnerTexts()).toContain(script);
      expect(await page.locator(foreign).count()).toBe(0);
    }
    await page.getByText('Change', { exact: true }).first().click();
    await page.getByLabel('New text').first().fill('\u0001');
    await press(page, 'Save');
    expect(await page.locator(foreign).count()).toBe(0);
    await press(page, `Remove ${scripts[0]}`);
    expect(await page.locator('.text').allInnerTexts()).toEqual(scripts.slice(1).reverse());
    expect([said, window.faults]).toEqual([[], []]);
  });

  test('A-81 A-83 a customer’s name that contains a script is shown as text and does not run', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await page.goto(`${system.webUrl}/auth/signin?prompt=create`);
    await signUpAtTenant(page, 'mallory@example.com', name);
    for (const path of ['/', '/users/id', '/todos', '/auth/signout']) {
      await page.goto(system.webUrl + path);
      expect(await page.locator('.who').innerText()).toBe(name);
      expect(await page.locator(foreign).count()).toBe(0);
    }
    // The tab may leave a page before its icon has loaded.
    expect([said, window.faults.filter((fault) => !fault.includes('ERR_ABORTED'))]).toEqual([[], []]);
  });

  const evil = 'http://evil.example';
  const hasRefused = () =>
    window.faults.some((fault) => fault.includes('violates the following Content Security Policy'));

  test.each([
    '<script>alert(1)</script>',
    `<script src="${evil}/x.js"></script>`,
    '<script src="/assets/app.css"></script>',
    '<img src="/assets/icon.svg" onload="alert(1)">',
    '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
    `<iframe src="${evil}/"></iframe>`,
    `<object data="${evil}/x.swf"></object>`,
    '<style>body { display: none }</style>',
    '<p style="position: fixed">x</p>',
    `<link rel="stylesheet" href="${evil}/x.css">`,
    `<img src="${evil}/x.png">`,
    `<base href="${evil}/">`,
    `<video src="${evil}/x.mp4"></video>`,
  ])('A-99 %s injected into a page is blocked by the page’s policy', async (markup) => {
    await inject(markup);
    await page.goto(`${system.webUrl}/`);
    await until(hasRefused);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect([said, await page.evaluate('document.baseURI')]).toEqual([[], `${system.webUrl}/`]);
  });

  test.each([
    `<form method="post" action="${evil}/"><button>Press me</button></form>`,
    '<form action="javascript:alert(1)"><button>Press me</button></form>',
    '<a href="javascript:alert(1)"><button>Press me</button></a>',
    '<button onclick="alert(1)">Press me</button>',
  ])('A-99 %s injected into a page does nothing when a customer presses it', async (markup) => {
    await inject(markup);
    await page.goto(`${system.webUrl}/`);
    // Playwright's own click would wait for the blocked navigation.
    await page.evaluate("document.querySelector('main button').click()");
    await until(hasRefused);
    expect([said, page.url()]).toEqual([[], `${system.webUrl}/`]);
  });
});

/** Adds this markup to the home page from now on and keeps the app's headers. */
async function inject(markup: string): Promise<void> {
  await page.route(`${system.webUrl}/`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('</main>', `${markup}</main>`) });
  });
}
