import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { daemon, todoApi, webApp } from '../src/seed/apps.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { claimsOf, DemoApp, type TokenAnswer, verifier } from './DemoApp.ts';

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const signIn = () => new TenantBrowser().signIn(app.authorizeUrl(), 'alice@example.com', seededPassword);

function expectError({ status, body }: TokenAnswer, expected: { status: number; error: string; code: number }) {
  expect({ status, error: body.error, codes: body.error_codes }).toEqual({
    status: expected.status,
    error: expected.error,
    codes: [expected.code],
  });
  expect(body.error_description).toMatch(new RegExp(`^AADSTS${expected.code}: `));
}

const code = { grant_type: 'authorization_code', code: 'no-such-code', redirect_uri: webApp.redirectUris[0] };
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const unknownClient = 'c0ffee00-1111-4222-8333-444455556666';
const appOnly = { grant_type: 'client_credentials', client_id: daemon.clientId, client_secret: daemon.secret };

test.each([
  ['a wrong secret', { ...code, client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
  ['no credential', { ...code, client_secret: undefined }, 401, 'invalid_client', 7000218],
  ['an empty credential', { ...code, client_secret: '' }, 401, 'invalid_client', 7000218],
  [
    'an assertion of an unknown key',
    { ...code, client_secret: undefined, client_assertion: 'a.b.c', client_assertion_type: assertionType },
    401,
    'invalid_client',
    700027,
  ],
  ['an unknown app', { ...code, client_id: unknownClient }, 400, 'unauthorized_client', 700016],
  ['no client_id', { ...code, client_id: undefined }, 400, 'invalid_request', 900144],
  ['no grant_type', { client_secret: 'wrong' }, 400, 'invalid_request', 900144],
  ['an unsupported grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ['a grant named like a part of every object', { grant_type: 'constructor' }, 400, 'unsupported_grant_type', 70003],
  ['a malformed code', code, 400, 'invalid_grant', 70000],
  ['no code', { ...code, code: undefined }, 400, 'invalid_request', 900144],
  ['no redirect_uri', { ...code, redirect_uri: undefined }, 400, 'invalid_request', 900144],
  ['a malformed refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant', 70000],
  ['no refresh token', { grant_type: 'refresh_token' }, 400, 'invalid_request', 900144],
  [
    'an app-only request for an unknown API',
    { ...appOnly, scope: 'api://nobody/.default' },
    400,
    'invalid_resource',
    500011,
  ],
  [
    'an app-only request for one scope',
    { ...appOnly, scope: `${todoApi.identifierUri}/ToDoList.Read` },
    400,
    'invalid_scope',
    1002012,
  ],
  ['an app-only request without scope', appOnly, 400, 'invalid_request', 900144],
])('%s is refused', async (_case, form, status, error, aadsts) => {
  expectError(await app.askTokens(form), { status, error, code: aadsts });
});

test('an error has Entra’s body and echoes client-request-id', async () => {
  const id = 'a1b2c3d4-1111-4222-8333-444455556666';
  const url = `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token?client-request-id=${id}`;
  const form = { ...code, client_id: webApp.clientId, client_secret: 'wrong', redirect_uri: 'x' };
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const body = await response.json();
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store, no-cache');
  expect(body).toEqual({
    error: 'invalid_client',
    error_description: expect.stringContaining(`Correlation ID: ${id} Timestamp: `),
    error_codes: [7000215],
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
    trace_id: response.headers.get('x-ms-request-id'),
    correlation_id: id,
    error_uri: `${tenant.origin}/error?code=7000215`,
  });
  expect(JSON.stringify(body)).not.toContain('wrong');
});

test('a request that is not a form, or repeats a parameter, is malformed', async () => {
  const url = `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`;
  const doubled = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams([
      ['code', 'a'],
      ['code', 'b'],
    ]),
  });
  expect(await doubled.json()).toMatchObject({ error_codes: [9002313] });
  const large = await fetch(url, { method: 'POST', body: new URLSearchParams({ code: 'x'.repeat(70_000) }) });
  expect(await large.json()).toMatchObject({ error_codes: [9002313] });
  const json = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  expect(await json.json()).toMatchObject({ error_codes: [900144] });
});

test('a code is valid once, and only for the app that requested it', async () => {
  const answer = await signIn();
  const foreign = await app.redeem(answer, { client_id: daemon.clientId, client_secret: daemon.secret });
  expectError(foreign, { status: 400, error: 'invalid_grant', code: 70000 });
  expect((await app.redeem(answer)).status).toBe(200);
  expectError(await app.redeem(answer), { status: 400, error: 'invalid_grant', code: 54005 });
});

test('only one of many concurrent redemptions of a code succeeds', async () => {
  const answer = await signIn();
  const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await app.redeem(answer)).status));
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
});

test('a wrong verifier is refused, and the code stays valid', async () => {
  const answer = await signIn();
  for (const code_verifier of ['w'.repeat(50), undefined]) {
    expectError(await app.redeem(answer, { code_verifier }), { status: 400, error: 'invalid_grant', code: 501481 });
  }
  expect((await app.redeem(answer)).status).toBe(200);
});

test('a redirect URI other than the request’s is refused', async () => {
  const answer = await app.redeem(await signIn(), { redirect_uri: 'http://localhost:3000/auth/signed-out' });
  expectError(answer, { status: 400, error: 'invalid_grant', code: 50011 });
});

test('the secret can be in a Basic header', async () => {
  const basic = Buffer.from(`${webApp.clientId}:${webApp.secret}`).toString('base64');
  const headers = { authorization: `Basic ${basic}` };
  const answer = await signIn();
  const form = { ...code, code: answer.searchParams.get('code') ?? '', code_verifier: verifier };
  const tokens = await app.askTokens({ ...form, client_id: undefined, client_secret: undefined }, headers);
  expect(tokens.status).toBe(200);
});

test('a refresh token is answered with a new one and stays valid', async () => {
  const first = await app.redeem(await signIn());
  const refresh = () => app.askTokens({ grant_type: 'refresh_token', refresh_token: String(first.body.refresh_token) });
  const [second, third] = [await refresh(), await refresh()];
  expect([second.status, third.status]).toEqual([200, 200]);
  expect(new Set([first, second, third].map(({ body }) => body.refresh_token)).size).toBe(3);
  const [before, after] = [claimsOf(first, 'id_token'), claimsOf(second, 'id_token')];
  expect(after).toMatchObject({ sub: before.sub, oid: before.oid, sid: before.sid, tid: before.tid });
  expect(after.nonce).toBeUndefined();
  expect(second.body.scope).toBe(first.body.scope);
});

test('a refresh token of another app is refused', async () => {
  const { body } = await app.redeem(await signIn());
  const answer = await app.askTokens({
    client_id: daemon.clientId,
    client_secret: daemon.secret,
    grant_type: 'refresh_token',
    refresh_token: String(body.refresh_token),
  });
  expectError(answer, { status: 400, error: 'invalid_grant', code: 70000 });
});

test('an app-only token names the service principal and its roles, and no customer', async () => {
  const answer = await app.askTokens({ ...appOnly, scope: `${todoApi.identifierUri}/.default` });
  expect(Object.keys(answer.body).sort()).toEqual(['access_token', 'expires_in', 'ext_expires_in', 'token_type']);
  const claims = claimsOf(answer, 'access_token');
  expect(Object.keys(claims).sort()).toEqual(
    [
      ...['aio', 'aud', 'azp', 'azpacr', 'exp', 'iat', 'iss', 'nbf', 'oid', 'rh', 'roles', 'sub', 'tid', 'uti', 'ver'],
      'xms_ftd',
    ].sort(),
  );
  expect(claims).toMatchObject({ aud: todoApi.clientId, azp: daemon.clientId, roles: ['ToDoList.Read.All'] });
  expect(claims.sub).toBe(claims.oid);
});

test('an app without application permissions gets a token without roles', async () => {
  const answer = await app.askTokens({ grant_type: 'client_credentials', scope: `${todoApi.identifierUri}/.default` });
  expect(claimsOf(answer, 'access_token')).not.toHaveProperty('roles');
});
