import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.stop());

const domain = 'Contoso.onmicrosoft.com';

test('an app that names the tenant by its domain signs a customer in, and the tokens name the GUID', async () => {
  const { origin, tenantId } = tenant;
  const app = new DemoApp({ origin, tenantId: domain });
  const tokens = await app.redeem(
    await new TenantBrowser().signIn(app.authorizeUrl(), 'alice@example.com', seededPassword),
  );
  expect(claimsOf(tokens, 'id_token')).toMatchObject({ iss: `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0` });
});

test.each([
  ['discovery/v2.0/keys', 200],
  ['v2.0/.well-known/openid-configuration', 200],
  ['oauth2/v2.0/devicecode', 405],
  ['oauth2/v2.0/token', 405],
])('/%s below the domain answers as below the GUID', async (path, expected) => {
  const { origin, tenantId } = tenant;
  const answers = await Promise.all([domain, tenantId].map((name) => fetch(`${origin}/${name}/${path}`)));
  expect(answers.map(({ status }) => status)).toEqual([expected, expected]);
});

test.each(['authorize', 'logout'])('%s of another tenant is a page with AADSTS90002', async (endpoint) => {
  const response = await fetch(`${tenant.origin}/common/oauth2/v2.0/${endpoint}`);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('AADSTS90002: Tenant &#39;common&#39; not found.');
});

test.each([
  ['oauth2/v2.0/token', 'POST', 'invalid_request'],
  ['oauth2/v2.0/devicecode', 'POST', 'invalid_request'],
  ['discovery/v2.0/keys', 'GET', 'invalid_tenant'],
  ['v2.0/.well-known/openid-configuration', 'GET', 'invalid_tenant'],
])('/%s of another tenant answers %s with the error %s', async (path, method, error) => {
  const response = await fetch(`${tenant.origin}/fabrikam.onmicrosoft.com/${path}`, { method });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error, error_codes: [90002] });
});
