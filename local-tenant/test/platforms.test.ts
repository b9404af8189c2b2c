import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../../test/support/send.ts';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { newestCode, TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';
import { FlowBrowser } from './flows.ts';

const mixed = '5d4c3b2a-1f0e-4d9c-8b7a-000000000011';
const ownApi = '5d4c3b2a-1f0e-4d9c-8b7a-000000000012';
const page = 'http://localhost:5173/';
const server = 'http://localhost:3000/auth/redirect';
const phone = `msal${mixed}://auth`;
const secret = 'a secret of the server';
const origin = 'http://localhost:5173';
const day = 86_400;

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startDocumentTenant({
    apps: [
      {
        clientId: mixed,
        displayName: 'On every platform',
        redirectUris: [server],
        spaRedirectUris: [page],
        publicClientRedirectUris: [phone],
        secrets: [{ value: secret }],
      },
      { clientId: ownApi, displayName: 'App and API', redirectUris: [server], secrets: [{ value: secret }] },
    ],
    apis: [{ clientId: ownApi, displayName: 'App and API', identifierUri: `api://${ownApi}`, scopes: ['Read'] }],
  });
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const scope = `openid profile offline_access api://${ownApi}/Read`;

async function signIn(redirect_uri: string, changes: Readonly<Record<string, string | undefined>> = {}) {
  const url = app.authorizeUrl({ client_id: mixed, redirect_uri, scope, ...changes });
  return new TenantBrowser().signIn(url, 'alice@example.com', seededPassword);
}

/** Redeems a code, with the secret if one is given, and from a browser if an origin is given. */
function redeem(
  answer: URL,
  redirect_uri: string,
  { client_secret, from }: { client_secret?: string; from?: string } = {},
) {
  const form = { grant_type: 'authorization_code', code: answer.searchParams.get('code') ?? '', redirect_uri };
  const proof = { code_verifier: 'a-verifier-of-at-least-forty-three-characters-and-more' };
  return app.askTokens({ client_id: mixed, ...form, ...proof, client_secret }, from ? { origin: from } : {});
}

const codesOf = ({ status, body }: Awaited<ReturnType<typeof redeem>>) => [status, body.error, body.error_codes];

describe('the redirect URI decides how a code is redeemed:', () => {
  test('a web app’s by its server, with a credential', async () => {
    const answer = await signIn(server);
    expect(codesOf(await redeem(answer, server))).toEqual([401, 'invalid_client', [7000218]]);
    const fromBrowser = await redeem(answer, server, { client_secret: secret, from: 'https://elsewhere.example' });
    expect(codesOf(fromBrowser)).toEqual([400, 'invalid_request', [9002326]]);
    expect(fromBrowser.body.error_description).toContain("Request origin: 'https://elsewhere.example'.");
    const redeemed = await redeem(answer, server, { client_secret: secret });
    expect(claimsOf(redeemed, 'access_token').azpacr).toBe('1');
  });

  test('a single-page app’s by a script, without a credential', async () => {
    const answer = await signIn(page);
    const byServer = await redeem(answer, page, { client_secret: secret });
    expect(codesOf(byServer)).toEqual([400, 'invalid_request', [9002327]]);
    const withSecret = await redeem(answer, page, { client_secret: secret, from: origin });
    expect(codesOf(withSecret)).toEqual([401, 'invalid_client', [700025]]);
    const redeemed = await redeem(answer, page, { from: origin });
    expect(redeemed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(claimsOf(redeemed, 'access_token').azpacr).toBe('0');
  });

  test('a mobile app’s without a credential, at an address with its own scheme', async () => {
    const answer = await signIn(phone);
    expect(answer.href).toContain(`${phone}?code=`);
    expect(codesOf(await redeem(answer, phone, { client_secret: secret }))).toEqual([401, 'invalid_client', [700025]]);
    expect((await redeem(answer, phone)).status).toBe(200);
  });
});

test('a single-page app needs PKCE', async () => {
  const browser = new TenantBrowser();
  const changes = { code_challenge: undefined, code_challenge_method: undefined };
  const { url } = await browser.open(app.authorizeUrl({ client_id: mixed, redirect_uri: page, scope, ...changes }));
  expect(url.searchParams.get('error')).toBe('invalid_request');
  expect(url.searchParams.get('error_description')).toMatch(/^AADSTS9002325: Proof Key for Code Exchange is required/);
});

test('refresh tokens of a single-page app end 24 hours after the sign-in; using one does not extend that', async () => {
  const refresh = (token: unknown, from: { origin?: string } = { origin }) => {
    const form = { grant_type: 'refresh_token', refresh_token: String(token), client_secret: undefined };
    return app.askTokens({ client_id: mixed, ...form }, from);
  };
  const { body } = await redeem(await signIn(page), page, { from: origin });
  expect(codesOf(await refresh(body.refresh_token, {}))).toEqual([400, 'invalid_request', [9002327]]);
  await tenant.control('clock', { advanceSeconds: day - 60 });
  const renewed = await refresh(body.refresh_token);
  expect(renewed.status).toBe(200);
  await tenant.control('clock', { advanceSeconds: 61 });
  const late = await refresh(renewed.body.refresh_token);
  await tenant.control('reset');
  expect(codesOf(late)).toEqual([400, 'invalid_grant', [700084]]);
});

test('a new password revokes the refresh tokens of single-page and mobile apps, though the app has a secret', async () => {
  const tokens = [
    await redeem(await signIn(page), page, { from: origin }),
    await redeem(await signIn(phone), phone),
    await redeem(await signIn(server), server, { client_secret: secret }),
  ];
  const browser = new FlowBrowser(tenant);
  await browser.open(app.authorizeUrl({ client_id: mixed, redirect_uri: server, scope }));
  await browser.press('Next', { email: 'alice@example.com' });
  await browser.press('Forgot password?');
  await browser.press('Continue', { code: await newestCode(tenant.origin, 'alice@example.com') });
  await browser.press('Save and sign in', { password: 'A-good-one-7', confirmPassword: 'A-good-one-7' });
  const refresh = (token: unknown, client_secret?: string, headers = {}) => {
    const form = { grant_type: 'refresh_token', refresh_token: String(token), client_secret };
    return app.askTokens({ client_id: mixed, ...form }, headers);
  };
  const [ofPage, ofPhone, ofServer] = tokens.map(({ body }) => body.refresh_token);
  expect((await refresh(ofPage, undefined, { origin })).body.error_codes).toEqual([50173]);
  expect((await refresh(ofPhone)).body.error_codes).toEqual([50173]);
  expect((await refresh(ofServer, secret)).status).toBe(200);
  await tenant.control('reset');
});

test.each([
  ['the metadata', '/v2.0/.well-known/openid-configuration', 'GET'],
  ['the keys', '/discovery/v2.0/keys', 'GET'],
  ['errors of the token endpoint', '/oauth2/v2.0/token', 'POST'],
])('scripts of a single-page app can read %s, and no other site’s', async (_what, path, method) => {
  const url = `${tenant.origin}/${tenant.tenantId}${path}`;
  const allowed = async (from: string) => {
    const { headers } = await send(url, { method, headers: { origin: from } });
    expect(headers.get('vary')).toContain('Origin');
    return headers.get('access-control-allow-origin');
  };
  expect(await allowed(origin)).toBe(origin);
  // The port of http://localhost is ignored, as in redirect URIs.
  expect(await allowed('http://localhost:9')).toBe('http://localhost:9');
  expect(await allowed('https://localhost:5173')).toBe(null);
  expect(await allowed('https://evil.example')).toBe(null);
  expect(await allowed('null')).toBe(null);
});

test('a preflight is answered for the token endpoint, and not for the test control', async () => {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'x-anchormailbox',
  };
  const ask = (path: string) => send(tenant.origin + path, { method: 'OPTIONS', headers });
  const answer = await ask(`/${tenant.tenantId}/oauth2/v2.0/token`);
  expect([answer.status, answer.headers.get('access-control-allow-headers')]).toEqual([204, 'x-anchormailbox']);
  expect((await ask('/dev/reset')).headers.get('access-control-allow-origin')).toBe(null);
});

test('one client id can be an app and an API', async () => {
  const url = { client_id: ownApi, scope: `openid ${ownApi}/Read` };
  const answer = await signIn(server, url);
  const redeemed = await app.redeem(answer, { client_id: ownApi, client_secret: secret });
  expect(claimsOf(redeemed, 'access_token')).toMatchObject({ aud: ownApi, azp: ownApi, scp: 'Read' });
});

test.each(['javascript://%0aalert(1)', 'data://text/html,x', 'msal://auth#x', 'msal://*'])(
  'the redirect URI %s of a mobile app is refused',
  async (uri) => {
    const clientId = mixed;
    const started = startDocumentTenant({
      apps: [{ clientId, displayName: 'Phone', publicClientRedirectUris: [uri] }],
    });
    await expect(started).rejects.toThrow(/publicClientRedirectUris\.0 must/);
  },
);

test('with max_age, the ID token tells when the customer gave credentials', async () => {
  const redeemed = async (changes: Readonly<Record<string, string>>) =>
    claimsOf(await redeem(await signIn(server, changes), server, { client_secret: secret }), 'id_token');
  const now = Math.floor(Date.now() / 1000);
  expect(Number((await redeemed({ max_age: '60' })).auth_time)).toBeGreaterThanOrEqual(now - 1);
  expect(await redeemed({})).not.toHaveProperty('auth_time');
  expect(await redeemed({ prompt: 'login' })).not.toHaveProperty('auth_time');
});
