import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barriersOn, injectAxe } from '../support/barriers.ts';
import { connectChromium, openWindow } from '../support/chromium.ts';
import { tourSignedIn, tourSignedOut, tourTenantSignIn, tourTenantSignUp } from '../support/pageTours.ts';
import { type Programs, startPrograms } from '../support/programs.ts';

const widths = [390, 1280];

let programs: Programs;
let chromium: Browser;
beforeAll(async () => {
  [programs, chromium] = await Promise.all([startPrograms(), connectChromium()]);
});
afterAll(async () => {
  await chromium.close();
  await programs.stop();
});

/** Opens a tab that runs axe-core, which the pages' own policy would block. */
async function openExaminedPage(): Promise<Page> {
  const { context, page } = await openWindow(chromium, { bypassCSP: true });
  await injectAxe(context);
  return page;
}

/** The page's barriers in each width and color scheme. */
async function barriersInAllWidths(page: Page): Promise<string[]> {
  const barriers: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    barriers.push(...(await barriersOn(page)).map((barrier) => `${width} px, ${barrier}`));
    const scrollWidth = await page.evaluate<number>('document.documentElement.scrollWidth');
    if (scrollWidth > width) barriers.push(`${width} px: scrolls sideways to ${scrollWidth} px`);
  }
  return barriers;
}

describe('axe-core finds no barriers in light or dark mode, on a phone or a desktop, in', () => {
  test.each([
    ['the web app’s pages for everybody', tourSignedOut],
    ['the local tenant’s pages for signing in', tourTenantSignIn],
    ['the local tenant’s pages for signing up', tourTenantSignUp],
    ['the web app’s pages for a customer', tourSignedIn],
  ])('%s', { timeout: 60_000 }, async (_pages, tour) => {
    const page = await openExaminedPage();
    const found: Record<string, string[]> = {};
    const look = async (name: string) => {
      const barriers = await barriersInAllWidths(page);
      if (barriers.length > 0) found[name] = barriers;
    };
    await tour({ page, programs, look });
    await page.context().close();
    expect(found).toEqual({});
  });

  test('a page without barriers only: a page with barriers is found', async () => {
    const page = await openExaminedPage();
    await page.goto('data:text/html,<p style="color: silver; width: 2000px">Hard to read<img src="data:,"></p>');
    const barriers = await barriersInAllWidths(page);
    expect(barriers.join('\n')).toMatch(/390 px, light: image-alt/);
    expect(barriers.join('\n')).toMatch(/390 px, dark: color-contrast/);
    expect(barriers.join('\n')).toMatch(/1280 px, light: color-contrast/);
    expect(barriers.join('\n')).toMatch(/390 px: scrolls sideways to 20\d\d px/);
    await page.context().close();
  });
});
