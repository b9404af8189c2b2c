import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../../test/support/Browser.ts';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { seed } from '../src/seed/seed.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';
import { FlowBrowser, shop, startFlows } from './flows.ts';

const [alice, bob] = ['alice@example.com', 'bob@example.com'];
let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startFlows();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

/** A browser in which Alice signed in, and then Bob. */
async function withBoth(): Promise<FlowBrowser> {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), alice);
  await browser.signIn(app.authorizeUrl({ prompt: 'login' }), bob);
  return browser;
}

async function customerOf(browser: FlowBrowser): Promise<unknown> {
  return claimsOf(await app.redeem(browser.page.url), 'id_token').preferred_username;
}

/** Presses the button of one account. */
async function pick(browser: FlowBrowser, email: string): Promise<string> {
  const button = [...browser.page.html.matchAll(/<button[^>]*>([\s\S]*?)<\/button>/g)].find(([html]) =>
    html.includes(email),
  );
  const name = (button?.[1] ?? '').replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
  return browser.press(name.trim());
}

test('a second app signs the customer in without a page, though its user flow is another one', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), alice);
  const first = browser.page.url.searchParams.get('session_state');
  expect(await browser.open(app.authorizeUrl(shop))).toContain('code=');
  expect(browser.page.url.origin).toBe('http://localhost:3010');
  expect(browser.page.url.searchParams.get('session_state')).toBe(first);
});

test('a customer picks one of two accounts and keeps its session and sign-in time', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), alice);
  const session = browser.page.url.searchParams.get('session_state');
  await browser.signIn(app.authorizeUrl({ prompt: 'login' }), bob);
  const page = await browser.open(app.authorizeUrl());
  expect(page).toContain('Pick an account');
  expect(page).toContain('Alice Archer alice@example.com');
  expect(page).toContain('Bob Baker bob@example.com');
  await pick(browser, alice);
  expect(await customerOf(browser)).toBe(alice);
  expect(browser.page.url.searchParams.get('session_state')).toBe(session);
});

test('prompt=select_account shows the picker for one account, and "Use another account" leads to the sign-in page', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), alice);
  expect(await browser.open(app.authorizeUrl({ prompt: 'select_account' }))).toContain('Pick an account');
  expect(await browser.follow('Use another account')).toContain('Email address');
  await browser.press('Next', { email: bob });
  await browser.press('Sign in', { password: 'Local-Tenant-1!' });
  expect(await customerOf(browser)).toBe(bob);
});

test('prompt=select_account in a new browser shows the sign-in page', async () => {
  expect(await new FlowBrowser(tenant).open(app.authorizeUrl({ prompt: 'select_account' }))).toContain('Email address');
});

test('login_hint needs no page for an account of this browser, and shows the sign-in page for another one', async () => {
  const browser = await withBoth();
  await browser.open(app.authorizeUrl({ login_hint: alice }));
  const tokens = await app.redeem(browser.page.url);
  expect(claimsOf(tokens, 'id_token').preferred_username).toBe(alice);
  const opaque = String(claimsOf(tokens, 'id_token').login_hint);
  await browser.open(app.authorizeUrl({ login_hint: bob }));
  await browser.open(app.authorizeUrl({ login_hint: opaque }));
  expect(await customerOf(browser)).toBe(alice);
  await browser.open(app.authorizeUrl({ login_hint: 'gus@example.com' }));
  expect(browser.page.html).toContain('value="gus@example.com"');
});

test('prompt=none answers interaction_required when the account is ambiguous', async () => {
  const browser = await withBoth();
  await browser.open(app.authorizeUrl({ prompt: 'none' }));
  expect(browser.page.url.searchParams.get('error')).toBe('interaction_required');
  expect(browser.page.url.searchParams.get('error_description')).toMatch(/^AADSTS16000: /);
});

test('with prompt=login, picking an account is not enough', async () => {
  const browser = await withBoth();
  const sid = /name="sid" value="([^"]*)"/.exec((await browser.open(app.authorizeUrl())) && browser.page.html)?.[1];
  await browser.open(app.authorizeUrl({ prompt: 'login' }));
  const target = new URL(`${browser.page.url.pathname}/account`, browser.page.url);
  const answer = await browser.fetch(target, { method: 'POST', body: new URLSearchParams({ sid: sid ?? '' }) });
  expect(sid).toBeDefined();
  expect(answer.headers.get('location')).toMatch(/\?page=sign-in$/);
});

test('an account of another browser cannot be picked', async () => {
  const other = await withBoth();
  await other.open(app.authorizeUrl());
  const sid = /name="sid" value="([^"]*)"/.exec(other.page.html)?.[1] ?? '';
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), 'alice@example.com');
  await browser.open(app.authorizeUrl({ prompt: 'select_account' }));
  const target = new URL(`${browser.page.url.pathname}/account`, browser.page.url);
  const answer = await browser.fetch(target, { method: 'POST', body: new URLSearchParams({ sid }) });
  expect(answer.headers.get('location')).toMatch(/\?page=sign-in$/);
});

test('Cancel on the picker answers the app', async () => {
  const browser = await withBoth();
  await browser.open(app.authorizeUrl());
  expect(await browser.press('Cancel')).toBe('?error=access_denied&error_subcode=cancel&state=the-state');
});

test('a page is in the language of ui_locales, mkt or the browser, or in English', async () => {
  const german = { ui_locales: 'fr de-AT' };
  const browser = new FlowBrowser(tenant);
  expect(await browser.open(app.authorizeUrl(german))).toContain('E-Mail-Adresse');
  expect(browser.page.html).toContain('<html lang="de">');
  expect(await browser.press('Weiter', { email: 'niemand' })).toContain('Geben Sie eine E-Mail-Adresse ein');
  expect(await browser.open(app.authorizeUrl({ mkt: 'de-DE' }))).toContain('Anmelden');
  browser.acceptLanguage = 'de-CH, en;q=0.5';
  expect(await browser.open(app.authorizeUrl())).toContain('Anmelden');
  expect(await browser.open(app.authorizeUrl({ ui_locales: 'en' }))).toContain('Sign in');
  browser.acceptLanguage = 'fr';
  await browser.open(app.authorizeUrl({ ui_locales: 'tlh' }));
  expect(browser.page.html).toContain('<html lang="en">');
});

test('a name cannot turn the words after it round, and its control characters are not in the page', async () => {
  const oid = '33333333-cccc-4ccc-8ccc-000000000009';
  const mallory = { oid, email: 'mallory@example.com', displayName: 'Mal\u202elory\u0007', password: seededPassword };
  const hostile = await startDocumentTenant({ customers: [...(seed.customers ?? []), mallory] });
  const browser = new FlowBrowser(hostile);
  const url = new DemoApp(hostile).authorizeUrl({ prompt: 'select_account' });
  await browser.signIn(url, mallory.email);
  await browser.open(url);
  await hostile.stop();
  expect(browser.page.html).toContain('<bdi>Mal\ufffdlory\ufffd</bdi>');
});

test('two tenants on one machine, whose cookies reach each other, keep their sessions apart', async () => {
  const other = await startFlows();
  const browser = new Browser();
  const signIn = async (target: RunningTenant) => {
    const isAway = (url: URL) => url.origin !== target.origin;
    await browser.goto(new DemoApp(target).authorizeUrl(), {}, isAway);
    await browser.submit('Next', { email: 'alice@example.com' }, isAway);
    await browser.submit('Sign in', { password: seededPassword }, isAway);
  };
  const silently = async (target: RunningTenant) => {
    const url = new DemoApp(target).authorizeUrl({ prompt: 'none' });
    return (await browser.goto(url, {}, (next) => next.origin !== target.origin)).url.searchParams.has('code');
  };
  await signIn(tenant);
  await signIn(other);
  const isSignedIn = [await silently(tenant), await silently(other)];
  await other.stop();
  expect(isSignedIn).toEqual([true, true]);
});
