import { readTenantConfig, webApp } from 'entra-local-tenant';
import type { Page } from 'playwright-core';
import { follow, press, readCodeInInbox, signInAtTenant } from './customerSteps.ts';
import type { Programs } from './programs.ts';

/** Examines the page that the tab shows. */
export type Look = (name: string) => Promise<void>;

export interface Tour {
  readonly page: Page;
  readonly programs: Programs;
  readonly look: Look;
}

/** The pages of the web app for anonymous visitors. */
export async function tourSignedOut({ page, programs: { web }, look }: Tour): Promise<void> {
  const pages = {
    'home, signed out': '/',
    'home, cancelled': '/?notice=cancelled',
    'signed out': '/auth/signed-out',
    'sign-out, signed out': '/auth/signout',
    'error 400': '/auth/redirect',
    'error 404': '/nowhere',
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(web.url + path);
    await look(name);
  }
}

/** The pages of the web app for a customer. Stops the to-do API at the end. */
export async function tourSignedIn({ page, programs: { web, api }, look }: Tour): Promise<void> {
  await page.goto(`${web.url}/auth/signin`);
  await signInAtTenant(page, 'alice@example.com');
  await look('home, signed in');
  await page.goto(`${web.url}/users/id`);
  await look('claims');
  await page.goto(`${web.url}/auth/signout`);
  await look('sign-out');
  await page.goto(`${web.url}/todos`);
  await look('to-dos, empty');
  const field = page.getByLabel('What is there to do?');
  const longWord = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'.repeat(4);
  for (const text of ['Book the dentist', 'Answer Bob about the weekend in the mountains', longWord]) {
    await field.fill(text);
    await press(page, 'Add');
  }
  await look('to-dos');
  await page.getByText('Change', { exact: true }).nth(1).click();
  await look('to-dos, changing');
  await page.getByLabel('New text').nth(1).fill('  ');
  await press(page, 'Save');
  await look('to-dos, change refused');
  await field.fill('  ');
  await press(page, 'Add');
  await look('to-dos, refused');
  await api.stop();
  await field.fill('Call the plumber');
  await press(page, 'Add');
  await look('to-dos, list away');
  await page.goto(`${web.url}/todos`);
  await look('error 503');
}

/** The local tenant's sign-in pages and its own pages. */
export async function tourTenantSignIn({ page, programs: { web, tenant }, look }: Tour): Promise<void> {
  const { tenantId } = readTenantConfig({});
  await page.goto(tenant.url);
  await look('tenant, start');
  await page.goto(`${tenant.url}/${tenantId}/oauth2/v2.0/logout`);
  await look('tenant, signed out');
  await page.goto(`${tenant.url}/nowhere`);
  await look('tenant, not found');
  const wrong = new URLSearchParams({ client_id: webApp.clientId, redirect_uri: 'https://www.example.com/' });
  await page.goto(`${tenant.url}/${tenantId}/oauth2/v2.0/authorize?${wrong}`);
  await look('tenant, error 50011');
  await page.goto(`${web.url}/auth/signin`);
  await look('tenant, sign in');
  await page.getByLabel('Email address').fill('nobody@example.com');
  await press(page, 'Next');
  await look('tenant, unknown address');
  await page.getByLabel('Email address').fill('alice@example.com');
  await press(page, 'Next');
  await look('tenant, password');
  await page.getByLabel('Password').fill('not it at all');
  await press(page, 'Sign in');
  await look('tenant, wrong password');
}

/** The local tenant's pages for a new customer. */
export async function tourTenantSignUp({ page, programs: { web, tenant }, look }: Tour): Promise<void> {
  await page.goto(`${tenant.url}/inbox`);
  await look('tenant, inbox, empty');
  await page.goto(`${web.url}/auth/signin`);
  await follow(page, 'Create one');
  await look('tenant, sign up');
  await page.getByLabel('Email address').fill('bob@example.com');
  await press(page, 'Next');
  await look('tenant, address taken');
  await page.getByLabel('Email address').fill('erin@example.com');
  await press(page, 'Next');
  await look('tenant, code');
  await page.getByLabel('Code').fill('1');
  await press(page, 'Continue');
  await look('tenant, wrong code');
  await press(page, 'Send a new code');
  await look('tenant, code sent again');
  await page.getByLabel('Code').fill(await readCodeInInbox(page, 'erin@example.com'));
  await press(page, 'Continue');
  await look('tenant, details');
  await page.getByLabel('Display name').fill('Erin Ellis');
  await page.getByLabel('Password', { exact: true }).fill('one password');
  await page.getByLabel('Re-enter password').fill('another password');
  await press(page, 'Create account');
  await look('tenant, details refused');
  await page.goto(`${tenant.url}/inbox`);
  await look('tenant, inbox');
}
