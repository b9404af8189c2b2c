import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import type { WrittenDocument } from '../src/registrations/document.ts';
import { daemon, todoApi, webApp } from '../src/seed/apps.ts';
import { seededCustomers, seededPassword } from '../src/seed/customers.ts';
import { seed } from '../src/seed/seed.ts';
import { claimsOf, DemoApp, readScope } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';

const [alice] = seededCustomers;

const written = (appChanges: object = {}, apiChanges: object = {}): Partial<WrittenDocument> => ({
  apps:
    seed.apps?.map((app) =>
      app.clientId === webApp.clientId ? { ...app, appRoles: ['Editor'], ...appChanges } : app,
    ) ?? [],
  apis: seed.apis?.map((api) => ({ ...api, ...apiChanges })) ?? [],
  customers: [
    {
      ...alice,
      password: seededPassword,
      attributes: { givenName: 'Alice', surname: 'Archer', country: 'AT', extension_shoeSize: '38' },
      roles: { [webApp.clientId]: ['Editor'], [todoApi.clientId]: ['ToDoList.Read.All'] },
    },
  ],
});

const everyClaim = ['acct', 'auth_time', 'ctry', 'email', 'family_name', 'given_name', 'login_hint', 'sid'];
const optionalClaims = {
  idToken: [...everyClaim, 'tenant_region_scope', 'upn', 'verified_primary_email', 'xms_edov'],
};

let plain: RunningTenant;
let rich: RunningTenant;
beforeAll(async () => {
  plain = await startDocumentTenant(written({ optionalClaims: {} }));
  const api = { optionalClaims: { accessToken: ['idtyp', 'xms_cc', 'acrs', 'email'], includeUserToken: true } };
  const mapping = { acceptMappedClaims: true, mappedClaims: { shoes: 'extension_shoeSize' } };
  rich = await startDocumentTenant(written({ optionalClaims, ...mapping }, api));
});
afterAll(async () => {
  await plain.stop();
  await rich.stop();
});

async function tokensOf(tenant: RunningTenant, changes: Readonly<Record<string, string>> = {}) {
  const app = new DemoApp(tenant);
  const answer = await new TenantBrowser().signIn(app.authorizeUrl(), alice.email, seededPassword);
  return app.redeem(answer, changes);
}

const standard = [
  'aud',
  'exp',
  'iat',
  'iss',
  'name',
  'nbf',
  'nonce',
  'oid',
  'preferred_username',
  'rh',
  'roles',
  'sub',
];
const names = (claims: object) => Object.keys(claims).sort();

const cp1 = '{"access_token":{"xms_cc":{"values":["cp1"]}}}';

test('without registered claims, an ID token has only the standard ones', async () => {
  const claims = claimsOf(await tokensOf(plain), 'id_token');
  expect(names(claims)).toEqual([...standard, 'tid', 'uti', 'ver'].sort());
});

test('a customer has roles of the app in the ID token, and of the API in the access token', async () => {
  const tokens = await tokensOf(rich);
  expect(claimsOf(tokens, 'id_token').roles).toEqual(['Editor']);
  expect(claimsOf(tokens, 'access_token').roles).toEqual(['ToDoList.Read.All']);
});

test('registered claims come from the customer and the attributes that have a value', async () => {
  const claims = claimsOf(await tokensOf(rich), 'id_token');
  expect(claims).toMatchObject({
    acct: 0,
    ctry: 'AT',
    email: alice.email,
    family_name: 'Archer',
    given_name: 'Alice',
    ...{ tenant_region_scope: 'EU', upn: `${alice.oid}@contoso.onmicrosoft.com` },
    verified_primary_email: [alice.email],
    auth_time: expect.any(Number),
    sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    shoes: '38',
  });
  expect(claims).not.toHaveProperty('xms_edov');
});

test('an access token has the app’s capabilities when the API registered xms_cc', async () => {
  expect(claimsOf(await tokensOf(rich, { claims: cp1 }), 'access_token').xms_cc).toEqual(['cp1']);
  expect(claimsOf(await tokensOf(rich), 'access_token')).not.toHaveProperty('xms_cc');
  expect(claimsOf(await tokensOf(plain, { claims: cp1 }), 'access_token')).not.toHaveProperty('xms_cc');
});

test('claims that are not JSON are malformed at the token endpoint too', async () => {
  expect((await tokensOf(plain, { claims: '{' })).body.error_codes).toEqual([9002313]);
});

test('idtyp tells apps from customers only when the API registered it', async () => {
  const appOnly = (tenant: RunningTenant) =>
    new DemoApp(tenant).askTokens({
      client_id: daemon.clientId,
      client_secret: daemon.secret,
      ...{ grant_type: 'client_credentials', scope: `${todoApi.identifierUri}/.default` },
    });
  expect(claimsOf(await appOnly(rich), 'access_token').idtyp).toBe('app');
  expect(claimsOf(await tokensOf(rich), 'access_token').idtyp).toBe('user');
  expect(claimsOf(await appOnly(plain), 'access_token')).not.toHaveProperty('idtyp');
  expect(claimsOf(await tokensOf(plain), 'access_token')).not.toHaveProperty('idtyp');
});

test('an app with mapped claims that does not accept them gets no tokens', async () => {
  const strict = await startDocumentTenant(written({ mappedClaims: { shoes: 'extension_shoeSize' } }));
  const { status, body } = await tokensOf(strict);
  await strict.stop();
  expect([status, body.error, body.error_codes]).toEqual([400, 'invalid_request', [50146]]);
});

test('/.default means every permission that the app has registered, and the answer lists them', async () => {
  const answer = await tokensOf(plain, { scope: `openid ${todoApi.identifierUri}/.default` });
  const full = ['ToDoList.Read', 'ToDoList.ReadWrite', '.default'].map((name) => `${todoApi.identifierUri}/${name}`);
  expect(answer.body.scope).toBe([...full, 'openid'].join(' '));
  expect(claimsOf(answer, 'access_token').scp).toBe('ToDoList.Read ToDoList.ReadWrite');
});

test('with OpenID scopes only, the access token is for Microsoft Graph and opaque', async () => {
  const { body } = await tokensOf(plain, { scope: 'openid profile' });
  expect(body.scope).toBe('openid profile');
  expect(String(body.access_token).split('.')).toHaveLength(1);
});

test('a customer has a different subject in every app, and one object id', async () => {
  const tokens = await tokensOf(plain, { scope: `openid profile ${readScope}` });
  const [id, access] = [claimsOf(tokens, 'id_token'), claimsOf(tokens, 'access_token')];
  expect(id.sub).not.toBe(access.sub);
  expect([id.oid, access.oid]).toEqual([alice.oid, alice.oid]);
});

test('the scope email adds the address to the ID token, without a registered claim', async () => {
  const app = new DemoApp(plain);
  const sign = (scope: string) =>
    new TenantBrowser().signIn(app.authorizeUrl({ scope }), alice.email, seededPassword).then((at) => app.redeem(at));
  expect(claimsOf(await sign('openid email'), 'id_token').email).toBe(alice.email);
  expect(claimsOf(await sign('openid profile'), 'id_token')).not.toHaveProperty('email');
});

test('a customer whose name the user flow does not collect is called unknown', async () => {
  const userFlows = [{ name: 'Password', attributes: [{ name: 'city', label: 'City' }] }, { name: 'Email code' }];
  const tenant = await startDocumentTenant({ userFlows });
  const app = new DemoApp(tenant);
  const newcomer = { email: 'nora@example.com', password: 'Correct horse 7', displayName: 'Nora' };
  const tokens = await app.redeem(await new TenantBrowser().signUp(app.authorizeUrl(), newcomer));
  await tenant.stop();
  expect(claimsOf(tokens, 'id_token')).toMatchObject({ name: 'unknown', preferred_username: newcomer.email });
});
