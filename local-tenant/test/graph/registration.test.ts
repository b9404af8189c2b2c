import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../../test/support/startTenant.ts';
import { TenantBrowser } from '../../../test/support/TenantBrowser.ts';
import { claimsOf, DemoApp } from '../DemoApp.ts';
import { Administrator } from './Administrator.ts';
import { flowBody, readAllRoleId, registerAll } from './registering.ts';

let tenant: RunningTenant;
let administrator: Administrator;
let made: Awaited<ReturnType<typeof registerAll>>;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant({ TENANT_EMPTY: '1' });
  administrator = await Administrator.signIn(tenant);
  made = await registerAll(administrator);
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const scopeOf = (name: string) => `openid profile offline_access api://${made.api.appId}/${name}`;
const authorizeUrl = (name = 'Orders.Read') => app.authorizeUrl({ client_id: made.web.appId, scope: scopeOf(name) });
const credentials = () => ({ client_id: made.web.appId, client_secret: made.secret });
const askAppOnly = () =>
  app.askTokens({ ...credentials(), grant_type: 'client_credentials', scope: `api://${made.api.appId}/.default` });

test('a customer can sign up to an app that was registered through Microsoft Graph, and gets an access token', async () => {
  const account = { email: 'cleo@example.com', password: 'Correct-Horse-7', displayName: 'Cleo' };
  const answer = await new TenantBrowser().signUp(authorizeUrl(), account);
  const tokens = await app.redeem(answer, credentials());
  expect(tokens.status).toBe(200);
  expect(claimsOf(tokens, 'access_token')).toMatchObject({
    aud: made.api.appId,
    azp: made.web.appId,
    scp: 'Orders.Read',
  });
  expect(claimsOf(tokens, 'id_token')).toMatchObject({ name: 'Cleo', login_hint: expect.any(String) });
});

test('a permission is refused until an administrator has consented to it', async () => {
  const consented = async (scope: string) => {
    await administrator.patch(`/oauth2PermissionGrants/${made.apiGrant}`, { scope });
    return (await new TenantBrowser().open(authorizeUrl('Orders.ReadWrite'))).html;
  };
  expect(await consented('Orders.Read')).toContain('AADSTS65001');
  expect(await consented('Orders.Read Orders.ReadWrite')).toContain('name="email"');
});

test('an app gets its application permissions as soon as they are assigned', async () => {
  expect(claimsOf(await askAppOnly(), 'access_token')).not.toHaveProperty('roles');
  const assignment = { principalId: made.webPrincipal, resourceId: made.apiPrincipal, appRoleId: readAllRoleId };
  const path = `/servicePrincipals/${made.webPrincipal}/appRoleAssignments`;
  const { status, body } = await administrator.post(path, assignment);
  expect([status, body.principalDisplayName, body.resourceDisplayName]).toEqual([201, 'Shop', 'Orders']);
  const claims = claimsOf(await askAppOnly(), 'access_token');
  expect(claims).toMatchObject({ roles: ['Orders.Read.All'], idtyp: 'app', oid: made.webPrincipal });
  expect((await administrator.delete(`${path}/${body.id}`)).status).toBe(204);
  expect(claimsOf(await askAppOnly(), 'access_token')).not.toHaveProperty('roles');
});

test('a secret is valid until it expires or is removed', async () => {
  const path = `/applications/${made.web.id}`;
  const endDateTime = new Date(Date.now() + 60_000).toISOString();
  const { body } = await administrator.post(`${path}/addPassword`, { passwordCredential: { endDateTime } });
  const ask = async () => {
    const secret = String(body.secretText);
    const form = { grant_type: 'client_credentials', scope: `api://${made.api.appId}/.default` };
    return (await app.askTokens({ ...credentials(), client_secret: secret, ...form })).body.error_codes;
  };
  expect(await ask()).toBeUndefined();
  await tenant.control('clock', { advanceSeconds: 61 });
  expect(await ask()).toEqual([7000222]);
  expect((await administrator.post(`${path}/removePassword`, { keyId: body.keyId })).status).toBe(204);
  expect(await ask()).toEqual([7000215]);
});

test('the user flow decides whether customers can sign up, and how they sign in', async () => {
  const page = async () => (await new TenantBrowser().open(authorizeUrl())).html;
  const change = (changes: object) =>
    administrator.patch(`/identity/authenticationEventsFlows/${made.flow}`, {
      '@odata.type': '#microsoft.graph.externalUsersSelfServiceSignUpEventsFlow',
      ...changes,
    });
  const { onInteractiveAuthFlowStart: open, onAuthenticationMethodLoadStart: method } = flowBody([]);
  expect(await page()).toContain('/sign-up');
  expect((await change({ onInteractiveAuthFlowStart: { ...open, isSignUpAllowed: false } })).status).toBe(204);
  expect(await page()).not.toContain('/sign-up');
  const [password] = method.identityProviders;
  const code = { ...method, identityProviders: [{ ...password, id: 'EmailOtpSignup-OAUTH' }] };
  expect((await change({ onAuthenticationMethodLoadStart: code })).status).toBe(204);
  const browser = new TenantBrowser();
  const next = await browser.submit(await browser.open(authorizeUrl()), { email: 'alice@example.com' });
  expect(next.url.pathname).toMatch(/\/code$/);
  await change({ onInteractiveAuthFlowStart: open, onAuthenticationMethodLoadStart: method });
});

test('an app without a service principal, or a deleted app, is unknown', async () => {
  const created = await administrator.post('/applications', { displayName: 'Alone' });
  const page = async (clientId: unknown) =>
    (await new TenantBrowser().open(app.authorizeUrl({ client_id: String(clientId) }))).html;
  expect(await page(created.body.appId)).toContain('AADSTS700016');
  await administrator.post('/servicePrincipals', { appId: created.body.appId });
  expect(await page(created.body.appId)).toContain('AADSTS50011');
  await administrator.delete(`/applications/${created.body.id}`);
  expect(await page(created.body.appId)).toContain('AADSTS700016');
});
