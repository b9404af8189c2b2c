import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { daemon, terminal, todoApi, webApp } from '../src/seed/apps.ts';
import { DemoApp } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';

/*
 * What real tenants answer, as others have published it, field by field. A value stands for its type; a text that is the
 * same in every tenant, or that differs only by what stands in {braces}, is compared as well.
 */

type Captured = Readonly<Record<string, unknown>>;

/** https://github.com/MicrosoftDocs/entra-docs/issues/408 and apps that carry the document of an external tenant. */
const discovery: Captured = {
  token_endpoint: 'https://{host}/{guid}/oauth2/v2.0/token',
  token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
  jwks_uri: 'https://{host}/{guid}/discovery/v2.0/keys',
  response_modes_supported: ['query', 'fragment', 'form_post'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
  scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  issuer: 'https://{guid}.ciamlogin.com/{guid}/v2.0',
  request_uri_parameter_supported: false,
  userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
  authorization_endpoint: 'https://{host}/{guid}/oauth2/v2.0/authorize',
  device_authorization_endpoint: 'https://{host}/{guid}/oauth2/v2.0/devicecode',
  http_logout_supported: true,
  frontchannel_logout_supported: true,
  end_session_endpoint: 'https://{host}/{guid}/oauth2/v2.0/logout',
  claims_supported: [
    ...['sub', 'iss', 'cloud_instance_name', 'cloud_instance_host_name', 'cloud_graph_host_name', 'msgraph_host'],
    ...['aud', 'exp', 'iat', 'auth_time', 'acr', 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'at_hash'],
    ...['c_hash', 'email'],
  ],
  kerberos_endpoint: 'https://{host}/{guid}/kerberos',
  tenant_region_scope: 'EU',
  cloud_instance_name: 'microsoftonline.com',
  cloud_graph_host_name: 'graph.windows.net',
  msgraph_host: 'graph.microsoft.com',
  rbac_url: 'https://pas.windows.net',
};

/** https://github.com/Azure/azure-workload-identity/issues/1613 : a token of an external tenant. */
const appOnlyHeader: Captured = { typ: 'JWT', alg: 'RS256', kid: '{opaque}' };
const appOnlyClaims: Captured = {
  ...{ aio: '{opaque}', aud: '{guid}', azp: '{guid}', azpacr: '1', exp: 1, iat: 1, nbf: 1, oid: '{guid}' },
  ...{ iss: 'https://{guid}.ciamlogin.com/{guid}/v2.0', rh: '1.A{opaque}', sub: '{guid}', tid: '{guid}' },
  ...{ uti: '{opaque}', ver: '2.0', xms_ftd: '{opaque}' },
};

/** https://github.com/calvinchengx/entra-emulator/tree/main/e2e/differential/testdata/fixtures for this and the errors. */
const envelope: Captured = { token_type: 'Bearer', expires_in: 1, ext_expires_in: 1, access_token: '{jwt}' };

const errorEnvelope = (error: string, code: number, text: string): Captured => ({
  error,
  error_description: `AADSTS${code}: ${text} Trace ID: {guid} Correlation ID: {guid} Timestamp: {timestamp}`,
  error_codes: [code],
  timestamp: '{timestamp}',
  trace_id: '{guid}',
  correlation_id: '{guid}',
});

const withLink = (error: string, code: number, text: string): Captured => ({
  ...errorEnvelope(error, code, text),
  error_uri: `https://{host}/error?code=${code}`,
});

const wrongSecret = withLink(
  'invalid_client',
  7000215,
  "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{guid}'.",
);
const unknownResource = withLink(
  'invalid_resource',
  500011,
  'The resource principal named api://not-a-registered-resource was not found in the tenant named {opaque}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.',
);
const unsupportedGrant = errorEnvelope(
  'unsupported_grant_type',
  70003,
  "The app requested an unsupported grant type 'no_such_grant'.",
);
const zeroClient = errorEnvelope('unauthorized_client', 700038, '{guid} is not a valid application identifier.');
const pendingDevice = withLink(
  'authorization_pending',
  70016,
  'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
);

const placeholders: Readonly<Record<string, string>> = {
  guid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  host: '[a-z0-9.:-]+',
  jwt: '[\\w-]+\\.[\\w-]+\\.[\\w-]+',
  opaque: '[\\w.-]+',
  timestamp: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ',
};

/** What must equal an answer that looks like the captured one; the local tenant may speak http. */
function like(captured: Captured): Captured {
  const value = (one: unknown): unknown => {
    if (typeof one === 'number') return expect.any(Number);
    if (typeof one !== 'string' || !one.includes('{')) return one;
    const escaped = one.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/^https:\/\/\{host\}/, 'https?://{host}');
    return expect.stringMatching(
      new RegExp(`^${escaped.replace(/\{(\w+)\}/g, (_, name) => placeholders[name] ?? '')}$`),
    );
  };
  return Object.fromEntries(Object.entries(captured).map(([name, one]) => [name, value(one)]));
}

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startDocumentTenant({});
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const scope = `${todoApi.identifierUri}/.default`;
const appOnly = { grant_type: 'client_credentials', scope };

test('the metadata is that of a real external tenant, no field more, none less', async () => {
  const response = await fetch(tenant.metadataUrl);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.json()).toEqual(like(discovery));
});

test('an app-only token and its envelope are those of a real tenant', async () => {
  const { status, body } = await app.askTokens(appOnly);
  expect([status, body]).toEqual([200, like(envelope)]);
  const token = String(body.access_token);
  expect(decodeProtectedHeader(token)).toEqual(like(appOnlyHeader));
  expect(decodeJwt(token)).toEqual(like(appOnlyClaims));
  expect(decodeJwt(token)).toMatchObject({ aud: todoApi.clientId, azp: webApp.clientId, tid: tenant.tenantId });
});

test('with a granted app role there is one claim more', async () => {
  const { body } = await app.askTokens({ ...appOnly, client_id: daemon.clientId, client_secret: daemon.secret });
  const roles = ['ToDoList.Read.All'];
  expect(decodeJwt(String(body.access_token))).toEqual({ ...like(appOnlyClaims), roles });
});

async function deviceCode(): Promise<string> {
  const body = new URLSearchParams({ client_id: terminal.clientId, scope: 'openid' });
  const url = `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/devicecode`;
  const response = await fetch(url, { method: 'POST', body });
  return z.object({ device_code: z.string() }).parse(await response.json()).device_code;
}

test.each([
  ['a wrong secret', wrongSecret, 401, async () => ({ ...appOnly, client_secret: 'wrong' })],
  [
    'an unknown API',
    unknownResource,
    400,
    async () => ({ ...appOnly, scope: 'api://not-a-registered-resource/.default' }),
  ],
  ['an unsupported grant', unsupportedGrant, 400, async () => ({ grant_type: 'no_such_grant' })],
  ['an id of zeros', zeroClient, 400, async () => ({ ...appOnly, client_id: '00000000-0000-0000-0000-000000000000' })],
  [
    'a pending device',
    pendingDevice,
    400,
    async () => ({
      ...appOnly,
      grant_type: 'device_code',
      client_id: terminal.clientId,
      client_secret: undefined,
      device_code: await deviceCode(),
    }),
  ],
])('the error for %s is that of a real tenant', async (_case, captured, status, form) => {
  const answer = await app.askTokens(await form());
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ ...like(captured), error_codes: captured.error_codes });
});
