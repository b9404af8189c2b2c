import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { closed, shop, stepUp } from '../../local-tenant/test/flows.ts';
import type { KeyboardCustomer } from '../support/KeyboardCustomer.ts';
import { newestCode } from '../support/TenantBrowser.ts';
import { startTenantTour, type TenantTour } from './tenantTour.ts';

let tour: TenantTour;
let page: Page;
let customer: KeyboardCustomer;
beforeAll(async () => {
  tour = await startTenantTour();
});
afterAll(() => tour.stop());
afterEach(async () => {
  await page.context().close();
  await tour.tenant.control('reset');
});

async function arrive(locale: string): Promise<void> {
  customer = await tour.openCustomer({ locale });
  page = customer.page;
}

const see = (heading: string) => customer.see(heading);
const use = (name: string) => customer.use(name);
const fill = (fields: Readonly<Record<string, string>>) => customer.fill(fields);
const open = (parameters = {}) => page.goto(tour.authorizeUrl(parameters));
const visit = (path: string) => page.goto(`${tour.tenant.origin}${path}`);
const signOut = () => visit(`/${tour.tenant.tenantId}/oauth2/v2.0/logout`);

describe('on a phone, without barriers in light and dark mode, a developer reads', () => {
  test('the setup and the mails', async () => {
    await arrive('en-US');
    await visit('/inbox');
    await see('Inbox');
    await open({ ...shop, login_hint: 'alice@example.com' });
    await use('Next');
    await visit('/nowhere');
    await use('Local tenant');
    await see('Local tenant');
    await use('inbox');
    await see('Inbox');
    expect(await page.getByRole('listitem').innerText()).toContain(
      await newestCode(tour.tenant.origin, 'alice@example.com'),
    );
  });

  test('the error pages', async () => {
    await arrive('en-US');
    await visit('/nowhere');
    await see('Not found');
    await open({ client_id: 'c0ffee00-1111-4222-8333-444455556666' });
    await see('Sign in to your account');
    expect(await page.innerText('main')).toMatch(/AADSTS700016: .*\nTrace ID: .*\nCorrelation ID: .*\nTimestamp: /);
    await visit('/error?code=700016');
    await see('AADSTS700016');
    await visit('/error?code=1');
    await see('Unknown error code');
    await visit(`/${tour.tenant.tenantId}/interaction/gone`);
    await see('This sign-in has ended');
    await open({ fault: 'id-token-expired' });
    await see('Sign in');
    await open({ fault: 'no-such-fault' });
    await see('No such fault');
  });
});

describe('on a phone, without barriers in light and dark mode, a customer with a German browser', () => {
  const signIn = async (email: string) => {
    await fill({ 'E-Mail-Adresse': email });
    await fill({ Passwort: 'Local-Tenant-1!' });
  };
  const giveCode = async (email: string) => {
    await see('Code eingeben');
    await fill({ Code: await newestCode(tour.tenant.origin, email) });
  };

  test('signs in after mistakes, or cancels', async () => {
    await arrive('de-DE');
    await open();
    await see('Anmelden');
    await fill({ 'E-Mail-Adresse': 'nobody@example.com' });
    await see('Anmelden');
    await fill({ 'E-Mail-Adresse': 'alice@example.com' });
    await see('Passwort eingeben');
    await fill({ Passwort: 'wrong' });
    await see('Passwort eingeben');
    await use('Abbrechen');
    expect(page.url()).toContain('error=access_denied&error_subcode=cancel');
  });

  test('signs up after mistakes', async () => {
    await arrive('de-DE');
    await open();
    await use('Konto erstellen');
    await see('Konto erstellen');
    await fill({ 'E-Mail-Adresse': 'bob@example.com' });
    await see('Konto erstellen');
    await fill({ 'E-Mail-Adresse': 'zoe@example.com' });
    await see('Code eingeben');
    await use('Neuen Code senden');
    await see('Code eingeben');
    await fill({ Code: '1' });
    await giveCode('zoe@example.com');
    await see('Angaben ergänzen');
    await fill({ 'Display name': 'Zoe', Passwort: 'too simple', 'Passwort wiederholen': 'differs-7-A' });
    await see('Angaben ergänzen');
  });

  test('resets the password', async () => {
    await arrive('de-DE');
    await open();
    await fill({ 'E-Mail-Adresse': 'bob@example.com' });
    await use('Passwort vergessen?');
    await giveCode('bob@example.com');
    await see('Neues Passwort');
  });

  test('is asked for a second factor, or for another one', async () => {
    await arrive('de-DE');
    await open(stepUp);
    await signIn('alice@example.com');
    await see('Identität bestätigen');
    await page.context().clearCookies();
    await open({ ...shop, ...stepUp });
    await fill({ 'E-Mail-Adresse': 'alice@example.com' });
    await giveCode('alice@example.com');
    await see('Ein anderer Nachweis ist nötig');
  });

  test('picks an account, and one to sign out of', async () => {
    await arrive('de-DE');
    await open();
    await signIn('alice@example.com');
    await open({ prompt: 'login' });
    await signIn('bob@example.com');
    await open(shop);
    await see('Konto auswählen');
    await signOut();
    await see('Konto auswählen');
    await use('Bob Baker');
    await see('Sie sind abgemeldet');
  });

  test('finds no sign-up where the user flow has none', async () => {
    await arrive('de-DE');
    await open({ ...closed, prompt: 'create' });
    await see('Keine neuen Konten');
  });
});
