import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../../test/support/startTenant.ts';
import { TenantBrowser } from '../../../test/support/TenantBrowser.ts';
import { seededAdministrator } from '../../src/seed/customers.ts';
import { DemoApp } from '../DemoApp.ts';
import { Administrator } from './Administrator.ts';
import { registerAll } from './registering.ts';

let tenant: RunningTenant;
let administrator: Administrator;
let made: Awaited<ReturnType<typeof registerAll>>;
let path: string;
beforeAll(async () => {
  tenant = await startTenant({ TENANT_EMPTY: '1' });
  administrator = await Administrator.signIn(tenant);
  made = await registerAll(administrator);
  path = `/applications/${made.web.id}`;
});
afterAll(() => tenant.stop());

test('a secret is shown once; afterwards only its hint and id are', async () => {
  const { passwordCredentials } = (await administrator.get(path)).body;
  expect(passwordCredentials).toMatchObject([
    { keyId: made.keyId, hint: made.secret.slice(0, 3), secretText: null, displayName: 'test' },
  ]);
  expect(JSON.stringify((await administrator.get('/applications')).body)).not.toContain(made.secret);
});

test('an app with a disabled service principal gets no tokens', async () => {
  const enable = (accountEnabled: boolean) =>
    administrator.patch(`/servicePrincipals/${made.webPrincipal}`, { accountEnabled });
  const ask = async () =>
    (
      await new DemoApp(tenant).askTokens({
        client_id: made.web.appId,
        client_secret: made.secret,
        grant_type: 'client_credentials',
        scope: `api://${made.api.appId}/.default`,
      })
    ).body.error_codes;
  expect((await enable(false)).status).toBe(204);
  expect(await ask()).toEqual([7000112]);
  await enable(true);
  expect(await ask()).toBeUndefined();
});

test("without consent to Microsoft Graph's openid, nobody can sign in", async () => {
  const url = new DemoApp(tenant).authorizeUrl({ client_id: made.web.appId, scope: 'openid profile' });
  const [grant] = await administrator.list(`/oauth2PermissionGrants?$filter=clientId eq '${made.webPrincipal}'`);
  const page = async () => (await new TenantBrowser().open(url)).html;
  expect(grant?.scope).toBe('openid offline_access');
  expect(await page()).toContain('name="email"');
  expect((await administrator.delete(`/oauth2PermissionGrants/${grant?.id}`)).status).toBe(204);
  expect(await page()).toContain('AADSTS65001');
});

test('a federated credential has a unique name, is listed and can be removed', async () => {
  const credentials = `${path}/federatedIdentityCredentials`;
  const body = { name: 'ci', issuer: 'https://ci.example', subject: 'repo', audiences: ['api://AzureADTokenExchange'] };
  expect((await administrator.post(credentials, body)).status).toBe(400);
  expect((await administrator.post(credentials, { ...body, name: 'ci-main' })).status).toBe(201);
  expect((await administrator.post(credentials, { ...body, name: 'ci-main' })).status).toBe(409);
  expect(await administrator.list(credentials)).toMatchObject([{ name: 'ci-main', description: null }]);
  expect((await administrator.delete(`${credentials}/ci-main`)).status).toBe(204);
  expect(await administrator.list(credentials)).toEqual([]);
});

test('an owner can be added once', async () => {
  const owner = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${seededAdministrator.oid}` };
  expect((await administrator.post(`${path}/owners/$ref`, owner)).status).toBe(204);
  expect((await administrator.post(`${path}/owners/$ref`, owner)).status).toBe(400);
  expect(await administrator.list(`${path}/owners`)).toMatchObject([{ id: seededAdministrator.oid }]);
});

test('a custom attribute is listed with the built-in ones', async () => {
  const made = await administrator.post('/identity/userFlowAttributes', {
    displayName: 'ShoeSize',
    description: 'The size of a shoe',
    dataType: 'string',
  });
  expect(made.body.id).toMatch(/^extension_[0-9a-f]{32}_ShoeSize$/);
  const listed = await administrator.list('/identity/userFlowAttributes');
  expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(['email', 'displayName', made.body.id]));
  expect(await administrator.list('/identity/identityProviders')).toMatchObject([
    { id: 'EmailPassword-OAUTH' },
    { id: 'EmailOtpSignup-OAUTH' },
  ]);
});
