import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const schemes = [
  { colorScheme: 'light', options: {} },
  // Only these rules look at colors.
  { colorScheme: 'dark', options: { runOnly: ['color-contrast', 'link-in-text-block'] } },
] as const;

/** Injects axe-core into every page from now on. The context must bypass the pages' own policy. */
export async function injectAxe(context: BrowserContext): Promise<void> {
  await context.addInitScript(axe);
}

/** The accessibility barriers that axe-core finds on the page in light and dark mode. */
export async function barriersOn(page: Page): Promise<string[]> {
  const barriers: string[] = [];
  for (const { colorScheme, options } of schemes) {
    await page.emulateMedia({ colorScheme });
    // The color scheme applies to the whole page after two frames.
    // Only the violations leave the page: transferring axe-core's whole report costs a third of the run.
    const violations = await page.evaluate<AxeResults['violations']>(
      `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        .then(() => axe.run(${JSON.stringify({ resultTypes: ['violations'], ...options })}))
        .then(({ violations }) => violations)`,
    );
    for (const { id, nodes } of violations) {
      barriers.push(...nodes.map((node) => `${colorScheme}: ${id}: ${node.html} ${node.failureSummary}`));
    }
  }
  return barriers;
}
