import { createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { send } from '../../test/support/send.ts';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.stop());

async function getJson(path: string) {
  const response = await fetch(tenant.origin + path);
  return { status: response.status, body: await response.json() };
}

const text = z.string();
const keySet = z.object({
  keys: z.array(
    z.strictObject({ kty: text, use: text, kid: text, x5t: text, n: text, e: text, x5c: z.array(text), issuer: text }),
  ),
});

async function publishedKey({ origin, tenantId }: RunningTenant) {
  const response = await fetch(`${origin}/${tenantId}/discovery/v2.0/keys`);
  const [key] = keySet.parse(await response.json()).keys;
  if (!key) throw new Error('No key');
  return key;
}

test('the metadata has exactly the fields of an external tenant, with endpoints on its own origin', async () => {
  const { tenantId, origin } = tenant;
  const { status, body } = await getJson(`/${tenantId}/v2.0/.well-known/openid-configuration`);
  expect(status).toBe(200);
  expect(body).toEqual({
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`,
    request_uri_parameter_supported: false,
    userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${origin}/${tenantId}/oauth2/v2.0/logout`,
    claims_supported: [
      ...['sub', 'iss', 'cloud_instance_name', 'cloud_instance_host_name', 'cloud_graph_host_name', 'msgraph_host'],
      ...['aud', 'exp', 'iat', 'auth_time', 'acr', 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'at_hash'],
      ...['c_hash', 'email'],
    ],
    kerberos_endpoint: `${origin}/${tenantId}/kerberos`,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
    rbac_url: 'https://pas.windows.net',
  });
});

test('the metadata under the tenant domain is the same', async () => {
  const byDomain = await getJson(`/${tenant.subdomain}.onmicrosoft.com/v2.0/.well-known/openid-configuration`);
  expect(byDomain).toEqual(await getJson(new URL(tenant.metadataUrl).pathname));
});

test('metadata and keys can be cached for a day', async () => {
  const { tenantId, origin, metadataUrl } = tenant;
  for (const url of [metadataUrl, `${origin}/${tenantId}/discovery/v2.0/keys`]) {
    expect((await fetch(url)).headers.get('cache-control')).toBe('max-age=86400, private');
  }
});

test('the endpoints follow the host that was asked, if it is the tenant’s own', async () => {
  const port = new URL(tenant.origin).port;
  const endpointAt = async (host: string) => {
    const response = await send(tenant.metadataUrl, { headers: { host } });
    return new URL(z.looseObject({ token_endpoint: z.string() }).parse(await response.json()).token_endpoint).origin;
  };
  expect(await endpointAt(`127.0.0.1:${port}`)).toBe(`http://127.0.0.1:${port}`);
  // A proxy has replaced the header.
  expect(await endpointAt('localhost:1')).toBe(tenant.origin);
});

test.each(['evil.example', 'localhost.evil.example', 'evil.example:3002', '%00'])(
  'a request for the host %s is refused everywhere, so that another site’s name cannot be pointed here',
  async (host) => {
    for (const path of ['/', '/inbox.json', '/dev/tenant.json', new URL(tenant.metadataUrl).pathname]) {
      const response = await send(tenant.origin + path, { headers: { host } });
      expect([path, response.status]).toEqual([path, 421]);
      expect(await response.text()).toContain(`the local tenant at ${tenant.origin}. Set BASE_URL`);
    }
    expect(tenant.logged.at(-1)).toContain(`Refused: the host ${host} is not this tenant's; expected localhost:`);
  },
);

test('the metadata of another tenant does not exist', async () => {
  const { status, body } = await getJson('/fabrikam.onmicrosoft.com/v2.0/.well-known/openid-configuration');
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: 'invalid_tenant', error_codes: [90002] });
});

test('each published key has its own certificate, whose thumbprint is its id, and no algorithm', async () => {
  const key = await publishedKey(tenant);
  expect(key).toMatchObject({ kty: 'RSA', use: 'sig', x5t: key.kid });
  expect(key.issuer).toBe(`https://${tenant.tenantId}.ciamlogin.com/${tenant.tenantId}/v2.0`);
  const certificate = new X509Certificate(Buffer.from(key.x5c[0] ?? '', 'base64'));
  const publicKey = createPublicKey({ key: { kty: 'RSA', n: key.n, e: key.e }, format: 'jwk' });
  expect(certificate.publicKey.equals(publicKey)).toBe(true);
  expect(certificate.verify(publicKey)).toBe(true);
  const thumbprint = Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
  expect(thumbprint).toBe(key.kid);
});

test('two tenants in one process have different keys', async () => {
  const other = await startTenant();
  const [one, another] = [await publishedKey(tenant), await publishedKey(other)];
  await other.stop();
  expect(one.kid).not.toBe(another.kid);
});

test('the liveness check and the page at the root answer', async () => {
  expect((await fetch(`${tenant.origin}/livez`)).status).toBe(200);
  const home = await (await fetch(tenant.origin)).text();
  expect(home).toContain('Local tenant');
  expect(home).toContain('href="/inbox"');
});

test('an unknown address gets a page', async () => {
  const response = await fetch(`${tenant.origin}/nowhere`);
  expect(response.status).toBe(404);
  expect(await response.text()).toContain('There is no page at this address.');
});
