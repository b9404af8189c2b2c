// A customer at Chromium.
import { chromium } from 'playwright-core';

export async function openChromium() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  page.setDefaultTimeout(20_000);
  return page;
}

/** Signs in on the tenant's pages. */
export async function signIn(page) {
  await page.getByLabel('Email address').fill('alice@example.com');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Password').fill('Local-Tenant-1!');
  await page.getByRole('button', { name: 'Sign in' }).click();
}
