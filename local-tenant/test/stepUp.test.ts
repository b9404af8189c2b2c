import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { newestCode } from '../../test/support/TenantBrowser.ts';
import { grantedContexts, requestedContexts } from '../src/authorize/stepUp.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';
import { FlowBrowser, shop, startFlows, stepUp } from './flows.ts';

const alice = 'alice@example.com';
let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startFlows();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

async function giveCode(browser: FlowBrowser): Promise<string> {
  await browser.press('Send a code to a•••@example.com');
  return browser.press('Continue', { code: await newestCode(tenant.origin, alice) });
}

test('a context that a signed-in customer lacks takes a mailed code, once a session', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), alice);
  const session = browser.page.url.searchParams.get('session_state');
  expect(await browser.open(app.authorizeUrl(stepUp))).toContain('Verify your identity');
  expect(await giveCode(browser)).toContain('code=');
  expect(browser.page.url.searchParams.get('session_state')).toBe(session);
  expect(await browser.open(app.authorizeUrl(stepUp))).toContain('code=');
  const another = { claims: '{"id_token":{"acrs":{"essential":true,"values":["c1","c2"]}}}' };
  expect(await browser.open(app.authorizeUrl(another))).toContain('code=');
  expect(await browser.open(app.authorizeUrl({ ...another, prompt: 'none' }))).toContain('code=');
  expect(claimsOf(await app.redeem(browser.page.url), 'id_token').acrs).toEqual(['c1', 'c2']);
});

test('a new customer of the browser gives the password first, then the code', async () => {
  const browser = new FlowBrowser(tenant);
  expect(await browser.signIn(app.authorizeUrl(stepUp), alice)).toContain('Verify your identity');
  expect(await giveCode(browser)).toContain('code=');
});

test('with prompt=none a missing context is told to the app', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), alice);
  await browser.open(app.authorizeUrl({ ...stepUp, prompt: 'none' }));
  expect(browser.page.url.searchParams.get('error')).toBe('interaction_required');
  expect(browser.page.url.searchParams.get('error_description')).toMatch(/^AADSTS50076: /);
});

test('a mailed code as the first factor is not asked for again: another one is needed', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.open(app.authorizeUrl({ ...shop, ...stepUp }));
  await browser.press('Next', { email: alice });
  const page = await browser.press('Continue', { code: await newestCode(tenant.origin, alice) });
  expect(page).toContain('A different proof is needed');
  const direct = await browser.fetch(browser.page.url, { method: 'POST' });
  expect(direct.headers.get('location')).toMatch(/\/second-factor$/);
  await browser.press('Return to the app');
  expect(browser.page.url.searchParams.get('error')).toBe('interaction_required');
});

test('the second factor cannot be skipped', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(), alice);
  await browser.open(app.authorizeUrl(stepUp));
  const base = browser.page.url.pathname.replace('/second-factor', '');
  await browser.fetch(`${base}/second-factor`, { method: 'POST' });
  expect(await browser.open(`${base}/code`)).toContain('Enter code');
  expect(await browser.press('Continue', { code: '1' })).toContain('That code is not right.');
  const picked = await browser.fetch(`${base}/account`, { method: 'POST', body: new URLSearchParams({ sid: 'x' }) });
  expect(picked.headers.get('location')).toMatch(/\?page=sign-in$/);
});

test('Cancel at the second factor answers the app', async () => {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(app.authorizeUrl(stepUp), alice);
  expect(await browser.press('Cancel')).toBe('?error=access_denied&error_subcode=cancel&state=the-state');
});

test.each([
  ['nothing', null, []],
  ['text', 'c1', []],
  ['null', 'null', []],
  ['a wish', '{"access_token":{"acrs":{"value":"c1"}}}', []],
  ['what MSAL sends', '{"id_token":{"login_hint":{"essential":false}},"access_token":null}', []],
  ['an unknown context', '{"access_token":{"acrs":{"essential":true,"values":["x","c0",7]}}}', []],
  [
    'both members',
    '{"access_token":{"acrs":{"essential":true,"value":"c1"}},"id_token":{"acrs":{"essential":true,"values":["c1","c25"]}}}',
    ['c1', 'c25'],
  ],
])('of a claims parameter with %s the contexts are read', (_what, claims, contexts) => {
  expect(requestedContexts(claims)).toEqual(contexts);
  expect(grantedContexts({ acr: contexts.join(' ') })).toEqual(contexts);
});
