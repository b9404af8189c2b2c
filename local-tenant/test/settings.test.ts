import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { tenantAuthority, tenantFields, tenantSettingsOf } from '../../src/entra/authority.ts';
import { readTenantFacts } from '../src/appSettings.ts';
import { readTenantConfig } from '../src/config.ts';
import type { WrittenDocument } from '../src/registrations/document.ts';
import { SettingsError } from '../src/runtime/settings.ts';
import { todoApi, webApp } from '../src/seed/apps.ts';

const [shopId, appId, otherApiId, apiId] = [1, 2, 3, 4].map((last) => `00001111-aaaa-2222-bbbb-00000000000${last}`);
const redirectUri = 'http://localhost:3000/auth/redirect';
const scopes = ['ToDoList.Read', 'ToDoList.ReadWrite'];

const shop = {
  clientId: String(shopId),
  displayName: 'Shop',
  redirectUris: ['http://localhost:3010/auth/redirect'],
  secrets: [{ value: 'secret of the shop' }],
};
const app = {
  clientId: String(appId),
  displayName: 'My to-dos',
  redirectUris: ['https://todos.example.com/auth/redirect', redirectUri],
  secrets: [{ value: 'secret of mine' }],
  requiredPermissions: { [String(apiId)]: scopes },
};
const otherApi = {
  clientId: String(otherApiId),
  displayName: 'Orders',
  identifierUri: `api://${otherApiId}`,
  scopes,
};
const api = { clientId: String(apiId), displayName: 'To-dos', identifierUri: `api://${apiId}`, scopes };
const document: WrittenDocument = { displayName: 'Fabrikam', apps: [shop, app], apis: [otherApi, api] };

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-'));
  path = join(folder, 'tenant.json');
});
afterEach(() => rm(folder, { recursive: true }));

async function factsOf(changes: Partial<WrittenDocument> = {}, uri = redirectUri) {
  await writeFile(path, JSON.stringify({ ...document, ...changes }));
  return readTenantFacts(readTenantConfig({ TENANT_FILE: path }), uri);
}

test('without a file, the web app gets the seed’s', async () => {
  const { settings, signIns } = await readTenantFacts(readTenantConfig({ PORT: '4002' }), redirectUri);
  expect(settings).toMatchObject({
    CLIENT_ID: webApp.clientId,
    CLIENT_SECRET: webApp.secret,
    TODO_API_CLIENT_ID: todoApi.clientId,
    METADATA_URL: expect.stringMatching(/^http:\/\/localhost:4002\//),
  });
  expect(signIns).toEqual(['alice@example.com or bob@example.com with the password Local-Tenant-1!']);
});

test.each([
  ['https://contoso.ciamlogin.com', {}],
  ['https://login.contoso.example', { TENANT_DOMAIN: 'login.contoso.example' }],
])('behind a proxy at %s, the settings are those that the apps accept', async (BASE_URL, expected) => {
  const { settings } = await readTenantFacts(readTenantConfig({ BASE_URL }), redirectUri);
  const { TENANT_DOMAIN, METADATA_URL } = settings;
  expect({ TENANT_DOMAIN, METADATA_URL }).toEqual(expected);
  const names = tenantSettingsOf(z.object(tenantFields).parse(settings));
  expect(tenantAuthority(names).origin).toBe(BASE_URL);
});

test('with a file, it gets the app with its redirect URI and the API that this app requests, in any position', async () => {
  expect((await factsOf()).settings).toMatchObject({
    CLIENT_ID: appId,
    CLIENT_SECRET: 'secret of mine',
    TODO_API_CLIENT_ID: apiId,
    ALLOWED_CLIENT_IDS: `${shopId},${appId}`,
  });
});

test('the headless app gets the first public client, or none', async () => {
  const terminal = { ...shop, clientId: app.clientId.replace(/^0/, 'f'), secrets: [], isPublicClient: true };
  expect((await factsOf({ apps: [shop, app, terminal] })).settings.HEADLESS_CLIENT_ID).toBe(terminal.clientId);
  expect((await factsOf({})).settings.HEADLESS_CLIENT_ID).toBe('');
});

test('on another port, it gets the first app that allows its redirect URI', async () => {
  const moved = await factsOf({ apps: [app, shop] }, 'http://localhost:4000/auth/redirect');
  expect(moved.settings.CLIENT_ID).toBe(appId);
});

test('an app that lists no permissions requests every API', async () => {
  const { requiredPermissions: _all, ...asksForAll } = app;
  expect((await factsOf({ apps: [asksForAll] })).settings.TODO_API_CLIENT_ID).toBe(otherApiId);
});

test('the sign-ins come from the file, where passwords are in clear', async () => {
  const customers = ['ada', 'ben', 'cem'].map((name, index) => ({
    oid: `00001111-aaaa-2222-cccc-00000000000${index}`,
    email: `${name}@example.com`,
    displayName: name,
    ...(name === 'ben' ? {} : { password: `Password-of-${name}` }),
  }));
  expect((await factsOf({ customers })).signIns).toEqual([
    'ada@example.com with the password Password-of-ada',
    'cem@example.com with the password Password-of-cem',
  ]);
});

const needsApp = `app with a secret and the redirect URI ${redirectUri}, which the web app needs`;
const needsApi = `API with the identifierUri api://{its clientId} whose ToDoList.Read and ToDoList.ReadWrite the app ${appId} asks for`;

test.each<[string, Partial<WrittenDocument>, string]>([
  ['no apps', { apps: [] }, needsApp],
  ['no app with the redirect URI', { apps: [{ ...app, redirectUris: ['http://localhost:3000/back'] }] }, needsApp],
  ['no secret', { apps: [{ ...app, secrets: [] }] }, needsApp],
  ['another API than the app asks for', { apis: [otherApi], apps: [{ ...app, requiredPermissions: {} }] }, needsApi],
  ['an API under another name', { apis: [{ ...api, identifierUri: 'api://todos' }] }, needsApi],
  [
    'half of the permissions',
    { apps: [{ ...app, requiredPermissions: { [String(apiId)]: ['ToDoList.Read'] } }] },
    needsApi,
  ],
])('a file with %s is refused, and the error names what is missing', async (_case, changes, lacking) => {
  const refused = await factsOf(changes).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SettingsError);
  expect(refused).toMatchObject({
    problems: [`${path} has no ${lacking}`],
    message: expect.stringMatching(/\nCorrect that file, which TENANT_FILE names/),
  });
});
