import { terminal } from 'entra-local-tenant';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readScope } from '../../local-tenant/test/DemoApp.ts';
import type { KeyboardCustomer } from '../support/KeyboardCustomer.ts';
import { startTenantTour, type TenantTour } from './tenantTour.ts';

let tour: TenantTour;
let page: Page;
let customer: KeyboardCustomer;
beforeAll(async () => {
  tour = await startTenantTour();
});
afterAll(() => tour.stop());
beforeEach(async () => {
  customer = await tour.openCustomer();
  page = customer.page;
});
afterEach(async () => {
  await page.context().close();
  await tour.tenant.control('reset');
});

/** The code that a new device shows. */
async function codeOfDevice(): Promise<string> {
  const { origin, tenantId } = tour.tenant;
  const body = new URLSearchParams({ client_id: terminal.clientId, scope: `openid ${readScope}` });
  const response = await fetch(`${origin}/${tenantId}/oauth2/v2.0/devicecode`, { method: 'POST', body });
  return z.object({ user_code: z.string() }).parse(await response.json()).user_code;
}

const open = (query = '') => page.goto(`${tour.tenant.origin}/common/oauth2/deviceauth${query}`);
const see = (heading: string) => customer.see(heading);
const use = (name: string) => customer.use(name);
const fill = (fields: Readonly<Record<string, string>>) => customer.fill(fields);
const problem = () => page.getByRole('alert').innerText();

async function seesThatCodeIsNoGood(code: string): Promise<void> {
  await open();
  await fill({ Code: code });
  await see('Enter code');
  expect(await problem()).toContain('This code is wrong or has expired.');
  expect(await page.getByLabel('Code').inputValue()).toBe(code);
}

describe('with the keyboard only, on a phone, without barriers in light and dark mode,', () => {
  test('a customer signs a device in after a wrong code, and the code works only once', async () => {
    await open();
    await see('Enter code');
    await seesThatCodeIsNoGood('WRONGCODE');
    const code = await codeOfDevice();
    await fill({ Code: code });
    await see('Sign in to To-do terminal?');
    expect(await page.getByText(code, { exact: true }).isVisible()).toBe(true);
    await use('Continue');
    await see('Sign in');
    await fill({ 'Email address': 'alice@example.com' });
    await see('Enter password');
    await fill({ Password: 'Local-Tenant-1!' });
    await see('You are signed in');
    await seesThatCodeIsNoGood(code);
  });

  test.each([
    ['on the page that names the app', () => use('Cancel')],
    [
      'on the sign-in page',
      async () => {
        await use('Continue');
        await use('Cancel');
      },
    ],
  ])('a customer declines a device %s', async (_where, cancel) => {
    const code = await codeOfDevice();
    await open();
    await fill({ Code: code });
    await cancel();
    await see('You have not signed in');
    await seesThatCodeIsNoGood(code);
  });

  test('a customer enters an expired code', async () => {
    const code = await codeOfDevice();
    await tour.tenant.control('clock', { advanceSeconds: 901 });
    await seesThatCodeIsNoGood(code);
  });

  test('a customer lets the code expire on the sign-in page', async () => {
    await open();
    await fill({ Code: await codeOfDevice() });
    await use('Continue');
    await tour.tenant.control('clock', { advanceSeconds: 901 });
    await fill({ 'Email address': 'alice@example.com' });
    await fill({ Password: 'Local-Tenant-1!' });
    await see('Enter code');
    expect(await problem()).toContain('This code is wrong or has expired.');
  });

  test('all pages are in German if ui_locales asks for it, in a browser that prefers English', async () => {
    await open('?ui_locales=de');
    await see('Code eingeben');
    await fill({ Code: 'WRONGCODE' });
    await see('Code eingeben');
    expect(await problem()).toContain('Dieser Code ist falsch oder gilt nicht mehr.');
    await fill({ Code: await codeOfDevice() });
    await see('Bei To-do terminal anmelden?');
    await use('Weiter');
    await see('Anmelden');
    await fill({ 'E-Mail-Adresse': 'alice@example.com' });
    await fill({ Passwort: 'Local-Tenant-1!' });
    await see('Sie sind angemeldet');
  });

  test('a customer who declines in German reads a German page', async () => {
    await open('?mkt=de-DE');
    await fill({ Code: await codeOfDevice() });
    await use('Abbrechen');
    await see('Sie haben sich nicht angemeldet');
  });

  test('the pages are in the browser’s language', async () => {
    customer = await tour.openCustomer({ locale: 'de-DE' });
    page = customer.page;
    await open();
    await see('Code eingeben');
  });
});
