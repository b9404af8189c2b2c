import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { todoApi, webApp } from '../src/seed/apps.ts';
import { seededCustomers, seededPassword } from '../src/seed/customers.ts';
import { claimsOf, DemoApp, readScope } from './DemoApp.ts';

const [alice, bob] = seededCustomers;
let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const signIn = (changes = {}, email: string = alice.email) =>
  new TenantBrowser().signIn(app.authorizeUrl(changes), email, seededPassword);

test('the answer to the app has code, state and session_state, and no iss', async () => {
  const answer = await signIn();
  expect(answer.origin + answer.pathname).toBe('http://localhost:3000/auth/redirect');
  expect([...answer.searchParams.keys()].sort()).toEqual(['code', 'session_state', 'state']);
  expect(answer.searchParams.get('state')).toBe('the-state');
  expect(answer.searchParams.get('session_state')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('client_info=1 adds client_info to the answer and to the tokens', async () => {
  const answer = await signIn({ client_info: '1' });
  const tokens = await app.redeem(answer, { client_info: '1' });
  const expected = { uid: alice.oid, utid: tenant.tenantId };
  for (const text of [answer.searchParams.get('client_info'), tokens.body.client_info]) {
    expect(JSON.parse(Buffer.from(String(text), 'base64url').toString())).toEqual(expected);
  }
});

test('the token answer has Entra’s envelope', async () => {
  const { status, body, headers } = await app.redeem(await signIn());
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toContain('no-store');
  expect(Object.keys(body).sort()).toEqual(
    ['access_token', 'expires_in', 'ext_expires_in', 'id_token', 'refresh_token', 'scope', 'token_type'].sort(),
  );
  expect(body.token_type).toBe('Bearer');
  expect(body.expires_in).toBeGreaterThanOrEqual(3600);
  expect(body.expires_in).toBeLessThanOrEqual(5400);
  expect(body.ext_expires_in).toBe(body.expires_in);
  expect(String(body.scope).split(' ').sort()).toEqual([readScope, 'openid', 'profile'].sort());
});

test('the ID token has an external tenant’s claims and a valid signature', async () => {
  const answer = await signIn();
  const { body } = await app.redeem(answer);
  const keys = createRemoteJWKSet(new URL(`${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`));
  const { payload, protectedHeader } = await jwtVerify(String(body.id_token), keys);
  expect(protectedHeader).toEqual({ typ: 'JWT', alg: 'RS256', kid: expect.any(String) });
  expect(payload).toEqual({
    aud: webApp.clientId,
    iss: `https://${tenant.tenantId}.ciamlogin.com/${tenant.tenantId}/v2.0`,
    iat: payload.nbf,
    nbf: expect.any(Number),
    exp: Number(payload.iat) + 3900,
    oid: alice.oid,
    tid: tenant.tenantId,
    ver: '2.0',
    name: alice.displayName,
    preferred_username: alice.email,
    email: alice.email,
    login_hint: expect.stringMatching(/^O\./),
    nonce: 'the-nonce',
    rh: expect.stringMatching(/^1\.A/),
    sid: answer.searchParams.get('session_state'),
    sub: expect.stringMatching(/^[\w-]{43}$/),
    uti: expect.any(String),
  });
});

test('the access token is for the API, with short scope names and another subject', async () => {
  const answer = await app.redeem(await signIn());
  const claims = claimsOf(answer, 'access_token');
  expect(claims).toMatchObject({
    aud: todoApi.clientId,
    azp: webApp.clientId,
    azpacr: '1',
    scp: 'ToDoList.Read',
    ver: '2.0',
    oid: alice.oid,
    tid: tenant.tenantId,
    exp: Number(claims.iat) + 300 + Number(answer.body.expires_in),
  });
  expect(claims.nonce).toBeUndefined();
  expect(claims.sub).not.toBe(claimsOf(answer, 'id_token').sub);
});

test('two customers have different subjects', async () => {
  const subjects = await Promise.all(
    [alice.email, bob.email].map(async (email) => claimsOf(await app.redeem(await signIn({}, email)), 'id_token').sub),
  );
  expect(new Set(subjects).size).toBe(2);
});

test('with OpenID scopes only, the access token is opaque', async () => {
  const { body } = await app.redeem(await signIn({ scope: 'openid profile' }));
  expect(String(body.access_token).split('.')).toHaveLength(1);
  expect(body.scope).toBe('openid profile');
  expect(body.refresh_token).toBeUndefined();
});

test('without the profile scope, the ID token has no name', async () => {
  const claims = claimsOf(await app.redeem(await signIn({ scope: 'openid' })), 'id_token');
  expect(claims).not.toHaveProperty('name');
  expect(claims).not.toHaveProperty('oid');
});

test('/.default means every permission of the API', async () => {
  const answer = await app.redeem(await signIn({ scope: `openid ${todoApi.identifierUri}/.default` }));
  expect(claimsOf(answer, 'access_token').scp).toBe('ToDoList.Read ToDoList.ReadWrite');
});

test('a second sign-in needs no page in the same browser, only in another one', async () => {
  const browser = new TenantBrowser();
  const first = await browser.signIn(app.authorizeUrl(), alice.email, seededPassword);
  const second = await browser.open(app.authorizeUrl());
  expect(second.isElsewhere).toBe(true);
  expect(second.url.searchParams.get('session_state')).toBe(first.searchParams.get('session_state'));
  expect((await new TenantBrowser().open(app.authorizeUrl())).html).toContain('Sign in');
});

test('prompt=login asks for credentials again, and another customer can sign in', async () => {
  const browser = new TenantBrowser();
  const first = await browser.signIn(app.authorizeUrl(), alice.email, seededPassword);
  const page = await browser.open(app.authorizeUrl({ prompt: 'login' }));
  expect(page.html).toContain('name="email"');
  const answer = await browser.signIn(app.authorizeUrl({ prompt: 'login' }), bob.email, seededPassword);
  expect(claimsOf(await app.redeem(answer), 'id_token').oid).toBe(bob.oid);
  expect(answer.searchParams.get('session_state')).not.toBe(first.searchParams.get('session_state'));
});

test('prompt=none answers login_required without a session, and a code with one', async () => {
  const browser = new TenantBrowser();
  const requestId = 'a1b2c3d4-1111-4222-8333-444455556666';
  const silent = app.authorizeUrl({ prompt: 'none', 'client-request-id': requestId });
  const refused = await browser.open(silent);
  expect(refused.url.searchParams.get('error')).toBe('login_required');
  expect(refused.url.searchParams.get('error_uri')).toBe(`${tenant.origin}/error?code=50058`);
  expect(refused.url.searchParams.get('error_description')).toContain(`Correlation ID: ${requestId}`);
  expect(refused.url.searchParams.get('state')).toBe('the-state');
  expect(refused.url.searchParams.has('iss')).toBe(false);
  await browser.signIn(app.authorizeUrl(), alice.email, seededPassword);
  expect((await browser.open(silent)).url.searchParams.has('code')).toBe(true);
});

test('prompt=consent shows no page of its own', async () => {
  const answer = await signIn({ prompt: 'consent' });
  expect(answer.searchParams.has('code')).toBe(true);
});
