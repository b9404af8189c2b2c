import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { barriersOn, injectAxe } from './barriers.ts';

const focusedName = `(() => {
  const element = document.activeElement;
  return (element.labels?.[0]?.innerText ?? element.innerText ?? '').trim().replace(/\\s+/g, ' ');
})()`;
const mostStops = 25;

/** A customer who uses only the keyboard, on a phone 390 px wide. */
export class KeyboardCustomer {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Injects axe-core into every page from now on. The window must bypass the pages' own policy. */
  async begin(): Promise<void> {
    await this.page.setViewportSize({ width: 390, height: 800 });
    await injectAxe(this.page.context());
  }

  /** Expects this heading, no barriers in dark and light mode, and no horizontal scrolling. */
  async see(heading: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name: heading }).waitFor();
    expect(await barriersOn(this.page)).toEqual([]);
    expect(await this.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  }

  /** Presses Enter on the control whose name starts with this text. */
  async use(name: string): Promise<void> {
    await this.#tabTo((focused) => focused.startsWith(name), name);
    await this.#pressEnter();
  }

  /** Types into fields by their labels, and sends the form with Enter. */
  async fill(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, text] of Object.entries(fields)) {
      // Compare the whole label: the link "Passwort vergessen?" starts like the field's label.
      await this.#tabTo((focused) => focused === label, label);
      await this.page.keyboard.press('ControlOrMeta+A');
      await this.page.keyboard.type(text);
    }
    await this.#pressEnter();
  }

  async #tabTo(isThere: (focused: string) => boolean, name: string): Promise<void> {
    for (let stops = 0; stops <= mostStops; stops += 1) {
      if (isThere(await this.page.evaluate<string>(focusedName))) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`No way to ${name} with the keyboard, at ${this.page.url()}`);
  }

  async #pressEnter(): Promise<void> {
    await Promise.all([this.page.waitForEvent('load'), this.page.keyboard.press('Enter')]);
  }
}
