import { seededPassword } from 'entra-local-tenant';
import type { Page } from 'playwright-core';

/** Presses the button with exactly this name and waits for the next page. */
export async function press(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await Promise.all([page.waitForEvent('load'), button.click()]);
}

/** Follows the first link with exactly this name and waits for the next page. */
export async function follow(page: Page, name: string): Promise<void> {
  const link = page.getByRole('link', { name, exact: true }).first();
  await Promise.all([page.waitForEvent('load'), link.click()]);
}

/** Signs in on the tenant's page, which the tab already shows. @param email of a seeded customer */
export async function signInAtTenant(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await press(page, 'Next');
  await page.getByLabel('Password').fill(seededPassword);
  await press(page, 'Sign in');
}

/** Creates an account on the tenant's page, which the tab already shows. Reads the mailed code in a second tab. */
export async function signUpAtTenant(page: Page, email: string, displayName: string): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await press(page, 'Next');
  await page.getByLabel('Code').fill(await readCodeInInbox(page, email));
  await press(page, 'Continue');
  await page.getByLabel('Display name').fill(displayName);
  await page.getByLabel('Password', { exact: true }).fill('A-good-one-7');
  await page.getByLabel('Re-enter password').fill('A-good-one-7');
  await press(page, 'Create account');
}

/** Reads the code of the newest mail to an address, in a second tab that the page links to. */
export async function readCodeInInbox(page: Page, email: string): Promise<string> {
  const opening = page.context().waitForEvent('page');
  await page.getByRole('link', { name: /inbox \(opens in a new tab\)/ }).click();
  const inbox = await opening;
  const mail = await inbox.getByRole('listitem').filter({ hasText: email }).first().innerText();
  await inbox.close();
  const code = /\b\d{8}\b/.exec(mail)?.[0];
  if (!code) throw new Error(`No code in the mail:\n${mail}`);
  return code;
}
