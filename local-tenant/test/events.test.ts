import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { newestCode, TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { terminal } from '../src/seed/apps.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { DemoApp } from './DemoApp.ts';

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

/** The lines, without their time, that were logged meanwhile. */
async function linesOf(act: () => Promise<unknown>): Promise<string[]> {
  const before = tenant.logged.length;
  await act();
  return tenant.logged.slice(before).map((line) => line.replace(/^\S+ tenant /, ''));
}

test('a sign-in and a sign-out are each logged with the customer', async () => {
  const browser = new TenantBrowser();
  const signIn = () => browser.signIn(app.authorizeUrl(), 'alice@example.com', seededPassword);
  expect(await linesOf(signIn)).toEqual(['Signed in customer="alice@example.com" app="To-do web app"']);
  const logout = `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/logout`;
  expect(await linesOf(() => browser.open(logout))).toEqual(['Signed out customer="alice@example.com"']);
});

test('a mail is logged with its code', async () => {
  const browser = new TenantBrowser();
  const page = await browser.open(app.authorizeUrl({ prompt: 'create' }));
  const lines = await linesOf(() => browser.submit(page, { email: 'yves@example.com' }));
  const code = await newestCode(tenant.origin, 'yves@example.com');
  expect(lines).toEqual([`Mail to="yves@example.com" code="${code}"`]);
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    'a token request',
    () => app.askTokens({ grant_type: 'authorization_code', client_secret: 'wrong' }),
    'AADSTS7000215: Invalid client secret provided.',
  ],
  ['an app that nobody knows', () => fetch(app.authorizeUrl({ client_id: 'nobody' })), 'AADSTS700'],
  [
    'a request whose answer goes back to the app',
    () => fetch(app.authorizeUrl({ response_type: 'token' }), { redirect: 'manual' }),
    "AADSTS700051: response_type 'token' is not enabled",
  ],
  [
    'a silent sign-in',
    () => fetch(app.authorizeUrl({ prompt: 'none' }), { redirect: 'manual' }),
    'AADSTS50058: A silent sign-in request was sent but no user is signed in.',
  ],
])('a refused %s is logged with its AADSTS code', async (_name, act, reason) => {
  const [line, ...others] = await linesOf(act);
  expect(line).toContain(`WARN Refused: ${reason}`);
  expect(line).toContain('path="/');
  expect(others).toEqual([]);
});

test('Cancel is logged', async () => {
  const browser = new TenantBrowser();
  const page = await browser.open(app.authorizeUrl());
  const [line] = await linesOf(() => browser.submit(page, {}, 'Cancel'));
  expect(line).toContain('Refused: the customer pressed Cancel');
});

test('a device’s request is logged with the code to type, and its polls are not', async () => {
  const url = `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/devicecode`;
  const body = new URLSearchParams({ client_id: terminal.clientId, scope: 'openid' });
  const lines = await linesOf(async () => {
    const { device_code } = JSON.parse(await (await fetch(url, { method: 'POST', body })).text());
    const poll = { grant_type: 'device_code', device_code, client_id: terminal.clientId, client_secret: undefined };
    expect((await app.askTokens(poll)).body).toMatchObject({ error: 'authorization_pending' });
  });
  expect(lines).toEqual([expect.stringMatching(/^Device requests a sign-in app="To-do terminal" code="[A-Z]{9}"$/)]);
});

test('an app’s input cannot start a log line or make a long one', async () => {
  const lines = await linesOf(() => app.askTokens({ grant_type: `x\n00:00:00 tenant forged ${'y'.repeat(5000)}` }));
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('\n');
  expect(lines[0]?.length).toBeLessThan(500);
});
