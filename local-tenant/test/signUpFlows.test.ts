import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { newestCode } from '../../test/support/TenantBrowser.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';
import { closed, FlowBrowser, shop, startFlows } from './flows.ts';

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startFlows();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const cancelled = '?error=access_denied&error_subcode=cancel&state=the-state';

async function giveCode(browser: FlowBrowser, email: string): Promise<string> {
  return browser.press('Continue', { code: await newestCode(tenant.origin, email) });
}

async function document(): Promise<string> {
  return await (await fetch(`${tenant.origin}/dev/tenant.json`)).text();
}

describe('where the user flow has mailed codes in place of passwords', () => {
  test('a customer signs in with a code', async () => {
    const browser = new FlowBrowser(tenant);
    await browser.open(app.authorizeUrl(shop));
    expect(await browser.press('Next', { email: 'bob@example.com' })).toContain('b•••@example.com');
    expect(await browser.press('Continue', { code: '1' })).toContain('That code is not right.');
    expect(await giveCode(browser, 'bob@example.com')).toContain('code=');
  });

  test('a new customer gives no password, and has none', async () => {
    const email = 'otto@example.com';
    const browser = new FlowBrowser(tenant);
    await browser.open(app.authorizeUrl({ ...shop, prompt: 'create' }));
    await browser.press('Next', { email });
    expect(await giveCode(browser, email)).not.toContain('Password');
    expect(await browser.press('Create account', { displayName: 'Otto' })).toContain('code=');
    for (const password of ['', 'undefined']) {
      expect(await new FlowBrowser(tenant).signIn(app.authorizeUrl(), email, password)).toContain('is incorrect');
    }
  });

  test('a disabled account gets no code', async () => {
    const browser = new FlowBrowser(tenant);
    await browser.open(app.authorizeUrl(shop));
    expect(await browser.press('Next', { email: 'dora@example.com' })).toContain('AADSTS50057');
    await expect(newestCode(tenant.origin, 'dora@example.com')).rejects.toThrow('No mail');
  });

  test('a code works once', async () => {
    const browser = new FlowBrowser(tenant);
    await browser.open(app.authorizeUrl({ ...shop, prompt: 'create' }));
    await browser.press('Next', { email: 'once@example.com' });
    const page = browser.page.url;
    await giveCode(browser, 'once@example.com');
    expect(await browser.open(page)).not.toContain('Enter code');
  });
});

test('the attributes of the user flow are asked for and kept, the optional one may be empty', async () => {
  const [password, confirmPassword] = ['Correct horse 7', 'Correct horse 7'];
  const browser = new FlowBrowser(tenant);
  await browser.open(app.authorizeUrl({ prompt: 'create', login_hint: 'pat@example.com' }));
  await browser.press('Next', { email: 'paul@example.com' });
  expect(await giveCode(browser, 'paul@example.com')).toContain('Town (optional)');
  const long = { displayName: 'Paul', city: 'x'.repeat(251), password, confirmPassword };
  expect(await browser.press('Create account', long)).toContain('Use at most 250 characters.');
  await browser.press('Create account', { ...long, city: 'Oslo' });
  expect(claimsOf(await app.redeem(browser.page.url), 'id_token').name).toBe('Paul');
  expect(JSON.parse(await document()).customers.at(-1)).toMatchObject({ attributes: { city: 'Oslo' } });
});

test('a user flow without sign-up has no link to it and refuses prompt=create and every form of it', async () => {
  const browser = new FlowBrowser(tenant);
  expect(await browser.open(app.authorizeUrl(closed))).not.toContain('Create one');
  const base = browser.page.url.pathname;
  expect(await browser.open(app.authorizeUrl({ ...closed, prompt: 'create' }))).toContain('does not accept new accounts');
  expect(browser.page.status).toBe(403);
  await browser.open(app.authorizeUrl(closed));
  for (const step of ['sign-up', 'details']) {
    const answer = await browser.fetch(`${browser.page.url.pathname}/${step}`, { method: 'POST' });
    expect(answer.status).toBe(403);
  }
  expect(base).toContain('/interaction/');
});

test.each(['bob@example.com', 'BOB@example.com'])('sign-up with %s leads to the sign-in page', async (email) => {
  const browser = new FlowBrowser(tenant);
  await browser.open(app.authorizeUrl({ prompt: 'create' }));
  expect(await browser.press('Next', { email })).toContain('It looks like you may already have an account.');
  expect(await browser.follow('Sign in instead')).toContain('to continue to');
});

describe('Cancel answers the app with exactly error, error_subcode and state', () => {
  const email = 'bob@example.com';
  test.each<[string, Record<string, string>, string[]]>([
    ['at the address', {}, []],
    ['at the password', {}, ['Next']],
    ['at the code of a reset', {}, ['Next', 'Forgot password?']],
    ['at a sign-up', { prompt: 'create' }, []],
    ['where sign-up is not allowed', { ...closed, prompt: 'create' }, []],
    ['at a code in place of a password', { ...shop }, ['Next']],
    ['at another identity provider', { domain_hint: 'google.com' }, []],
  ])('%s', async (_where, parameters, buttons) => {
    const browser = new FlowBrowser(tenant);
    await browser.open(app.authorizeUrl(parameters));
    for (const button of buttons) await browser.press(button, { email });
    expect(await browser.press('Cancel')).toBe(cancelled);
  });
});

describe('at another identity provider', () => {
  const atGoogle = async (person: Record<string, string>, parameters = {}) => {
    const browser = new FlowBrowser(tenant);
    await browser.open(app.authorizeUrl(parameters));
    await browser.follow('Sign in with Google');
    await browser.press('Continue', person);
    return browser;
  };

  test('a known customer signs in', async () => {
    const browser = await atGoogle({ email: 'gus@example.com', displayName: 'Gus' });
    const claims = claimsOf(await app.redeem(browser.page.url), 'id_token');
    expect(claims).toMatchObject({ preferred_username: 'gus@example.com', idp: 'google.com' });
  });

  test('domain_hint leads there at once; a new customer gives the attributes, and signs in with two clicks later', async () => {
    const browser = new FlowBrowser(tenant);
    expect(await browser.open(app.authorizeUrl({ domain_hint: 'google.com' }))).toContain('stands in for Google');
    await browser.press('Continue', { email: 'gina@example.com', displayName: 'Gina' });
    expect(browser.page.html).toContain('value="Gina"');
    expect(browser.text()).not.toContain('Password');
    await browser.press('Create account', { displayName: 'Gina G.' });
    expect(claimsOf(await app.redeem(browser.page.url), 'id_token')).toMatchObject({ name: 'Gina G.' });
    expect((await atGoogle({ email: 'gina@example.com', displayName: 'Gina' })).seen()).toContain('code=');
  });

  test('the address of a customer with a password is refused', async () => {
    const browser = await atGoogle({ email: 'alice@example.com', displayName: 'Mallory' });
    expect(browser.seen()).toContain('It looks like you may already have an account.');
  });

  test('an unknown domain_hint is ignored, and an unknown provider has no page', async () => {
    const browser = new FlowBrowser(tenant);
    expect(await browser.open(app.authorizeUrl({ domain_hint: 'x.example' }))).toContain('Email address');
    expect((await fetch(`${tenant.origin}/social/nobody`)).status).toBe(404);
  });

  test('what the provider says is good for one visit and one use, and needs a name', async () => {
    const browser = new FlowBrowser(tenant);
    await browser.open(app.authorizeUrl({ domain_hint: 'google.com' }));
    expect(await browser.press('Continue', { email: 'gus@example.com', displayName: ' ' })).toContain('Enter an email');
    const body = new URLSearchParams({ visit: 'another', email: 'gus@example.com', displayName: 'Gus' });
    const said = await browser.fetch('/social/google', { method: 'POST', body });
    const code = new URL(said.headers.get('location') ?? '', tenant.origin).searchParams.get('code');
    await browser.open(app.authorizeUrl());
    const answer = await browser.fetch(`${browser.page.url.pathname}/social/google/answer?code=${code}`);
    expect(answer.headers.get('location')).toMatch(/\?page=sign-in$/);
  });
});
