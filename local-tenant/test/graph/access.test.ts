import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningTenant } from '../../../test/support/startTenant.ts';
import { TenantBrowser } from '../../../test/support/TenantBrowser.ts';
import { daemon, todoApi } from '../../src/seed/apps.ts';
import { seededAdministrator, seededCustomers, seededPassword } from '../../src/seed/customers.ts';
import { seed } from '../../src/seed/seed.ts';
import { DemoApp, verifier } from '../DemoApp.ts';
import { startDocumentTenant } from '../documentTenant.ts';
import { Administrator, commandLineTools, problemOf, signInByDevice } from './Administrator.ts';
import { flowBody } from './registering.ts';

const person = (last: number, roles: readonly ('Application Administrator' | 'Privileged Role Administrator')[]) => ({
  oid: `44444444-eeee-4eee-8eee-00000000000${last}`,
  email: `person${last}@contoso.onmicrosoft.com`,
  displayName: `Person ${last}`,
  password: seededPassword,
  directoryRoles: [...roles],
});
const apps = person(1, ['Application Administrator']);
const privileged = person(2, ['Privileged Role Administrator']);
const insufficient = [403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'];

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startDocumentTenant({ customers: [...(seed.customers ?? []), apps, privileged] });
});
afterAll(() => tenant.stop());

const newApplication = { displayName: 'Shop' };

test('a request without a valid token is refused', async () => {
  for (const token of ['', 'x', 'a.b.c']) {
    const answer = await new Administrator(tenant, token).get('/organization');
    expect(problemOf(answer).slice(0, 2)).toEqual([401, 'InvalidAuthenticationToken']);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  }
});

test("customers' and apps' tokens for another API are refused", async () => {
  const app = new DemoApp(tenant);
  const [alice] = seededCustomers;
  const tokens = await app.redeem(await new TenantBrowser().signIn(app.authorizeUrl(), alice.email, seededPassword));
  const appOnly = await app.askTokens({
    client_id: daemon.clientId,
    client_secret: daemon.secret,
    grant_type: 'client_credentials',
    scope: `${todoApi.identifierUri}/.default`,
  });
  for (const { status, body } of [tokens, appOnly]) {
    expect(status).toBe(200);
    const answer = await new Administrator(tenant, String(body.access_token)).get('/organization');
    expect(problemOf(answer).slice(0, 2)).toEqual([401, 'InvalidAuthenticationToken']);
  }
});

test('an expired token is refused', async () => {
  const administrator = await Administrator.signIn(tenant);
  expect((await administrator.get('/organization')).status).toBe(200);
  await tenant.control('clock', { advanceSeconds: 5401 });
  expect(problemOf(await administrator.get('/organization'))[0]).toBe(401);
  await tenant.control('reset');
});

test('a customer cannot get a token to administer the tenant', async () => {
  const { status, body } = await signInByDevice(tenant, { email: seededCustomers[0].email });
  expect([status, body.error_codes, body.suberror]).toEqual([400, [65001], 'consent_required']);
});

test('an app for customers cannot request one either', async () => {
  const scope = 'openid https://graph.microsoft.com/Application.ReadWrite.All';
  const answer = await new TenantBrowser().open(new DemoApp(tenant).authorizeUrl({ scope }));
  expect(answer.url.searchParams.get('error')).toBe('invalid_scope');
});

test('a token has only the permissions that were requested', async () => {
  const reader = await Administrator.signIn(tenant, { scopes: ['Application.Read.All'] });
  expect((await reader.get('/applications')).status).toBe(200);
  expect(problemOf(await reader.post('/applications', newApplication))).toEqual(insufficient);
  expect(problemOf(await reader.get('/organization'))).toEqual(insufficient);
  expect(problemOf(await reader.get('/oauth2PermissionGrants'))).toEqual(insufficient);
});

test('a permission does not replace a directory role', async () => {
  const ofApps = await Administrator.signIn(tenant, { email: apps.email });
  expect((await ofApps.post('/applications', newApplication)).status).toBe(201);
  expect(problemOf(await ofApps.post('/identity/authenticationEventsFlows', flowBody([])))).toEqual(insufficient);
  const ofRoles = await Administrator.signIn(tenant, { email: privileged.email });
  expect((await ofRoles.get('/applications')).status).toBe(200);
  expect(problemOf(await ofRoles.post('/applications', newApplication))).toEqual(insufficient);
});

test('an administrator can also sign in with a browser', async () => {
  const app = new DemoApp(tenant);
  const scope = 'openid https://graph.microsoft.com/.default';
  const client = { client_id: commandLineTools, redirect_uri: 'http://localhost:5000/' };
  const back = await new TenantBrowser().signIn(
    app.authorizeUrl({ ...client, scope }),
    seededAdministrator.email,
    seededPassword,
  );
  const { body } = await app.redeem(back, { ...client, client_secret: undefined, code_verifier: verifier });
  expect(body.scope).toContain('https://graph.microsoft.com/Application.ReadWrite.All');
  const { value } = (await new Administrator(tenant, String(body.access_token)).get('/organization')).body;
  expect(value).toMatchObject([{ id: tenant.tenantId, tenantType: 'CIAM', displayName: 'Contoso' }]);
});

test('registrations of the tenant file are not shown', async () => {
  const administrator = await Administrator.signIn(tenant);
  await tenant.control('reset');
  expect(await administrator.list('/applications')).toEqual([]);
  expect(await administrator.list('/servicePrincipals')).toMatchObject([{ displayName: 'Microsoft Graph' }]);
  expect(await administrator.list('/identity/authenticationEventsFlows')).toEqual([]);
});
