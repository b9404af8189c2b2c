import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { newestCode } from '../../test/support/TenantBrowser.ts';
import { terminal } from '../src/seed/apps.ts';
import { seed } from '../src/seed/seed.ts';
import { claimsOf, DemoApp, readScope, type TokenAnswer } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';
import { FlowBrowser, stepUp } from './flows.ts';

const alice = 'alice@example.com';
const registered = ['acrs'];

/** A tenant whose apps and API register the claim `acrs`, or do not. */
function startWith({ app = [], api = [] }: { readonly app?: string[]; readonly api?: string[] }) {
  return startDocumentTenant({
    apps: seed.apps?.map((one) => ({ ...one, optionalClaims: { idToken: app } })) ?? [],
    apis: seed.apis?.map((one) => ({ ...one, optionalClaims: { accessToken: api } })) ?? [],
  });
}

/** A browser whose session has satisfied c1, with the answer for which it did. */
async function stepUpIn(tenant: RunningTenant): Promise<FlowBrowser> {
  const browser = new FlowBrowser(tenant);
  await browser.signIn(new DemoApp(tenant).authorizeUrl(stepUp), alice);
  await browser.press('Send a code to a•••@example.com');
  await browser.press('Continue', { code: await newestCode(tenant.origin, alice) });
  return browser;
}

/** The claim in both tokens of an answer. */
const contextsOf = (answer: TokenAnswer) => ({
  id: claimsOf(answer, 'id_token').acrs,
  access: claimsOf(answer, 'access_token').acrs,
});

describe.each([
  ['app and API', { app: registered, api: registered }, { id: ['c1'], access: ['c1'] }],
  ['the API alone', { api: registered }, { id: undefined, access: ['c1'] }],
  ['the app alone', { app: registered }, { id: ['c1'], access: undefined }],
  ['nobody', {}, { id: undefined, access: undefined }],
])('where %s registered acrs', (_who, claims, expected) => {
  let tenant: RunningTenant;
  let app: DemoApp;
  beforeAll(async () => {
    tenant = await startWith(claims);
    app = new DemoApp(tenant);
  });
  afterAll(() => tenant.stop());

  test('the tokens name a satisfied context, also after a refresh', async () => {
    const { page } = await stepUpIn(tenant);
    const tokens = await app.redeem(page.url);
    expect(contextsOf(tokens)).toEqual(expected);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.body.refresh_token) };
    const once = await app.askTokens(refresh);
    expect(contextsOf(once)).toEqual(expected);
    expect(contextsOf(await app.askTokens({ ...refresh, refresh_token: String(once.body.refresh_token) }))).toEqual(
      expected,
    );
  });

  test('a device that such a session signed in gets the same, also after a refresh', async () => {
    const browser = await stepUpIn(tenant);
    const tokens = await letDeviceIn(tenant, browser);
    expect(contextsOf(tokens)).toEqual(expected);
    const refreshed = await app.askTokens({
      grant_type: 'refresh_token',
      refresh_token: String(tokens.body.refresh_token),
      client_id: terminal.clientId,
      client_secret: undefined,
    });
    expect(contextsOf(refreshed)).toEqual(expected);
  });

  test('without a second factor, no token of an app or a device has it', async () => {
    const browser = new FlowBrowser(tenant);
    await browser.signIn(app.authorizeUrl(), alice);
    const none = { id: undefined, access: undefined };
    expect(contextsOf(await app.redeem(browser.page.url))).toEqual(none);
    expect(contextsOf(await letDeviceIn(tenant, browser))).toEqual(none);
  });
});

/** The tokens of a device whose code is entered where a customer is signed in. */
async function letDeviceIn({ origin, tenantId }: RunningTenant, browser: FlowBrowser): Promise<TokenAnswer> {
  const scope = `openid profile offline_access ${readScope}`;
  const body = new URLSearchParams({ client_id: terminal.clientId, scope });
  const response = await fetch(`${origin}/${tenantId}/oauth2/v2.0/devicecode`, { method: 'POST', body });
  const { user_code, device_code } = z
    .object({ user_code: z.string(), device_code: z.string() })
    .parse(await response.json());
  await browser.goto(`${origin}/${tenantId}/oauth2/deviceauth`);
  await browser.submit('Next', { user_code });
  await browser.submit('Continue');
  return new DemoApp({ origin, tenantId }).askTokens({
    grant_type: 'device_code',
    device_code,
    client_id: terminal.clientId,
    client_secret: undefined,
  });
}
