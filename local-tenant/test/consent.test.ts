import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { todoApi, webApp } from '../src/seed/apps.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { seed } from '../src/seed/seed.ts';
import { DemoApp, readScope, redirectUri, verifier } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';

const withoutConsent = '5d4c3b2a-1f0e-4d9c-8b7a-000000000003';
const withoutApi = '5d4c3b2a-1f0e-4d9c-8b7a-000000000004';
const otherApi = '5d4c3b2a-1f0e-4d9c-8b7a-000000000005';
const disabled = '5d4c3b2a-1f0e-4d9c-8b7a-000000000006';
const common = { redirectUris: [redirectUri], secrets: [{ value: 'a secret' }] };

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startDocumentTenant({
    apps: [
      ...(seed.apps?.map((one) => ({ ...one, requiredPermissions: { [todoApi.clientId]: ['ToDoList.Read'] } })) ?? []),
      { ...common, clientId: withoutConsent, displayName: 'Not consented', adminConsent: false },
      { ...common, clientId: withoutApi, displayName: 'Other API', requiredPermissions: { [otherApi]: ['Read'] } },
      { ...common, clientId: disabled, displayName: 'Old app', isEnabled: false },
    ],
    apis: [
      ...(seed.apis ?? []),
      { clientId: otherApi, displayName: 'Other API', identifierUri: 'api://other', scopes: ['Read'] },
    ],
  });
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const open = (changes: Readonly<Record<string, string | undefined>>) =>
  new TenantBrowser().open(app.authorizeUrl(changes));
const signIn = (changes: Readonly<Record<string, string | undefined>> = {}) =>
  new TenantBrowser().signIn(app.authorizeUrl(changes), 'alice@example.com', seededPassword);

test.each([
  ['an app without consent', { client_id: withoutConsent, scope: 'openid' }, 'AADSTS65001'],
  ['a permission that is not registered', { scope: `${todoApi.identifierUri}/ToDoList.ReadWrite` }, 'AADSTS65001'],
  ['a disabled app', { client_id: disabled }, 'AADSTS7000112'],
  ['an id of zeros', { client_id: '00000000-0000-0000-0000-000000000000' }, 'AADSTS700038'],
])('%s is told on the tenant’s own page, because no app can mend it', async (_case, changes, code) => {
  const page = await open(changes);
  expect([page.isElsewhere, page.status]).toEqual([false, 200]);
  expect(page.html).toContain(`${code}: `);
});

test.each([
  [
    'no consent, silently',
    { client_id: withoutConsent, scope: 'openid', prompt: 'none' },
    'interaction_required',
    65001,
  ],
  ['an API that is not registered', { client_id: withoutApi, scope: readScope }, 'invalid_client', 650057],
  ['a token for itself by another name', { scope: `api://${webApp.clientId}/x` }, 'invalid_request', 90009],
  ['the resource parameter', { resource: todoApi.identifierUri }, 'invalid_request', 901002],
  ['a short challenge', { code_challenge: 'short' }, 'invalid_request', 501491],
  ['a long challenge', { code_challenge: 'x'.repeat(129), code_challenge_method: 'plain' }, 'invalid_request', 501491],
  ['an unknown challenge method', { code_challenge_method: 'S512' }, 'invalid_request', 50149],
])('%s is told to the app', async (_case, changes, error, code) => {
  const { url, isElsewhere } = await open(changes);
  expect(isElsewhere).toBe(true);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    error,
    error_description: expect.stringMatching(
      new RegExp(`^AADSTS${code}: .* Trace ID: .* Correlation ID: .* Timestamp: `),
    ),
    error_uri: `${tenant.origin}/error?code=${code}`,
    state: 'the-state',
  });
});

test('a refresh for a permission without consent asks for consent by suberror', async () => {
  const { body } = await app.redeem(await signIn());
  const scope = `${todoApi.identifierUri}/ToDoList.ReadWrite`;
  const refused = await app.askTokens({
    grant_type: 'refresh_token',
    refresh_token: String(body.refresh_token),
    scope,
  });
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({ error: 'invalid_grant', suberror: 'consent_required', error_codes: [65001] });
});

test('the token endpoint does not take a resource parameter', async () => {
  const answer = await app.askTokens({ grant_type: 'client_credentials', resource: todoApi.identifierUri });
  expect([answer.status, answer.body.error_codes]).toEqual([400, [901002]]);
});

test('an app gets a token for itself by its client id', async () => {
  const answer = await app.askTokens({ grant_type: 'client_credentials', scope: `${webApp.clientId}/.default` });
  expect(answer.status).toBe(200);
});

test('a plain challenge is the verifier itself, with or without its method', async () => {
  for (const code_challenge_method of ['plain', undefined]) {
    const answer = await signIn({ code_challenge: verifier, code_challenge_method });
    const hashed = createHash('sha256').update(verifier).digest('base64url');
    expect((await app.redeem(answer, { code_verifier: hashed })).body.error_codes).toEqual([501481]);
    expect((await app.redeem(answer)).status).toBe(200);
  }
});

test('without a redirect URI the answer goes to the first registered one', async () => {
  const answer = await signIn({ redirect_uri: undefined });
  expect(answer.origin + answer.pathname).toBe(webApp.redirectUris[0]);
  expect((await app.redeem(answer, { redirect_uri: webApp.redirectUris[0] })).status).toBe(200);
});
