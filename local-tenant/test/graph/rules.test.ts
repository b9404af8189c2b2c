import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../../test/support/startTenant.ts';
import { selfSignedCertificate } from '../../src/runtime/selfSignedCertificate.ts';
import { Administrator, problemOf } from './Administrator.ts';
import { apiBody, flowBody, readAllRoleId, readScopeId, registerAll, webBody } from './registering.ts';

let tenant: RunningTenant;
let administrator: Administrator;
beforeAll(async () => {
  tenant = await startTenant({ TENANT_EMPTY: '1' });
  administrator = await Administrator.signIn(tenant);
});
afterEach(() => tenant.control('reset'));
afterAll(() => tenant.stop());

const refusalOf = async (answer: ReturnType<Administrator['get']>) => problemOf(await answer).slice(0, 2);
const bad = [400, 'Request_BadRequest'];
const conflict = [409, 'Request_MultipleObjectsWithSameKeyValue'];
const absent = [404, 'Request_ResourceNotFound'];
const newApi = async () => (await administrator.upsert('orders-api', apiBody)).body;

test.each<[string, object]>([
  ['an unknown property', { displayName: 'a', redirectUris: [] }],
  ['an unknown property of a part', { displayName: 'a', web: { redirectUri: 'https://a.example/' } }],
  ['passwords', { displayName: 'a', passwordCredentials: [] }],
  ['no display name', {}],
  ['a redirect URI on http', { displayName: 'a', web: { redirectUris: ['http://a.example/'] } }],
  ['an audience beyond the tenant', { displayName: 'a', signInAudience: 'AzureADMultipleOrgs' }],
  ["somebody else's identifier URI", { displayName: 'a', identifierUris: ['api://orders'] }],
  ['a key that is not a certificate', { displayName: 'a', keyCredentials: [key('AAAA')] }],
])('an application with %s is refused', async (_name, body) => {
  expect(await refusalOf(administrator.post('/applications', body))).toEqual(bad);
});

test('an error names what is wrong, the request id and the client request id', async () => {
  const name = randomUUID();
  const answer = await administrator.ask('POST', '/applications', { foo: 1 }, { 'client-request-id': name });
  expect(answer.headers.get('client-request-id')).toBe(name);
  expect(answer.body.error).toMatchObject({
    message: "Invalid property 'foo'.",
    innerError: { 'client-request-id': name, 'request-id': answer.headers.get('request-id') },
  });
});

test('duplicates are refused', async () => {
  const { id, appId } = await newApi();
  const uri = { identifierUris: [`api://${appId}`] };
  expect((await administrator.patch(`/applications/${id}`, uri)).status).toBe(204);
  const named = { displayName: 'b', uniqueName: 'orders-api' };
  expect(await refusalOf(administrator.post('/applications', named))).toEqual(conflict);
  const principal = await administrator.post('/servicePrincipals', { appId });
  expect(principal.status).toBe(201);
  expect(await refusalOf(administrator.post('/servicePrincipals', { appId }))).toEqual(conflict);
  const grant = { clientId: principal.body.id, consentType: 'AllPrincipals', resourceId: principal.body.id, scope: '' };
  expect((await administrator.post('/oauth2PermissionGrants', grant)).status).toBe(201);
  expect((await administrator.post('/oauth2PermissionGrants', grant)).status).toBe(409);
  const role = { principalId: principal.body.id, resourceId: principal.body.id, appRoleId: readAllRoleId };
  const roles = `/servicePrincipals/${principal.body.id}/appRoleAssignments`;
  expect((await administrator.post(roles, role)).status).toBe(201);
  expect(await refusalOf(administrator.post(roles, role))).toEqual(bad);
});

test('an upsert by unique name creates an application, then changes it', async () => {
  const first = await administrator.upsert('shop', webBody);
  expect([first.status, first.body.uniqueName]).toEqual([201, 'shop']);
  expect((await administrator.upsert('shop', { ...webBody, displayName: 'Shop 2' })).status).toBe(204);
  expect(await administrator.list('/applications')).toMatchObject([{ id: first.body.id, displayName: 'Shop 2' }]);
  expect(await refusalOf(administrator.patch("/applications(uniqueName='none')", webBody))).toEqual(absent);
});

test('a change keeps the properties that it does not name', async () => {
  const { id } = await newApi();
  const path = `/applications/${id}`;
  expect((await administrator.patch(path, { api: { acceptMappedClaims: true } })).status).toBe(204);
  const { body } = await administrator.get(path);
  expect(body.api).toMatchObject({ acceptMappedClaims: true, oauth2PermissionScopes: [{ value: 'Orders.Read' }, {}] });
});

test('a change to a read-only property, or to a part that is not an object, is refused', async () => {
  const { id, appId } = await newApi();
  const path = `/applications/${id}`;
  const changes = [
    { id: randomUUID() },
    { appId: randomUUID() },
    { createdDateTime: null },
    { passwordCredentials: [] },
  ];
  for (const change of [...changes, { web: null }, { api: [] }, { spa: {} }, { publicClient: {} }]) {
    expect(await refusalOf(administrator.patch(path, change))).toEqual(bad);
  }
  const { id: principal } = (await administrator.post('/servicePrincipals', { appId })).body;
  for (const change of changes) {
    expect(await refusalOf(administrator.patch(`/servicePrincipals/${principal}`, change))).toEqual(bad);
  }
  const graph = (await administrator.list('/servicePrincipals'))[0]?.id;
  expect(await refusalOf(administrator.patch(`/servicePrincipals/${graph}`, { accountEnabled: false }))).toEqual(
    absent,
  );
});

test('an enabled permission or role can be neither removed nor renamed', async () => {
  const path = `/applications/${(await newApi()).id}`;
  const [read, write] = apiBody.api.oauth2PermissionScopes;
  const enabled = [400, 'CannotDeleteOrUpdateEnabledEntitlement'];
  const change = (scopes: readonly object[]) => administrator.patch(path, { api: { oauth2PermissionScopes: scopes } });
  expect(await refusalOf(change([{ ...read }]))).toEqual(enabled);
  expect(await refusalOf(change([{ ...read, value: 'Other' }, { ...write }]))).toEqual(enabled);
  expect(await refusalOf(administrator.patch(path, { appRoles: [] }))).toEqual(enabled);
  expect((await change([{ ...read }, { ...write, isEnabled: false }])).status).toBe(204);
  expect((await change([{ ...read }])).status).toBe(204);
});

test('an app can be pre-authorized only for existing permissions', async () => {
  const { id } = await newApi();
  const shop = (await administrator.upsert('shop', webBody)).body;
  const authorize = (appId: unknown, permission: string) =>
    administrator.patch(`/applications/${id}`, {
      api: { preAuthorizedApplications: [{ appId, delegatedPermissionIds: [permission] }] },
    });
  expect(await refusalOf(authorize(randomUUID(), readScopeId))).toEqual(bad);
  expect(await refusalOf(authorize(shop.appId, randomUUID()))).toEqual(bad);
  expect((await authorize(shop.appId, readScopeId)).status).toBe(204);
});

function key(text: string) {
  return { type: 'AsymmetricX509Cert', usage: 'Verify', key: text };
}

/** Made before the tenant is asked anything: the work blocks the process, and idle connections could close meanwhile. */
const [first = '', second = ''] = ['one', 'two'].map((name) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return selfSignedCertificate(privateKey, publicKey, name).toString('base64');
});

test('a change replaces the list of certificates; an entry without its key keeps the stored one', async () => {
  const path = `/applications/${(await newApi()).id}`;
  const put = (keys: readonly unknown[]) => administrator.patch(path, { keyCredentials: keys });
  const stored = async () => (await administrator.get(`${path}?$select=keyCredentials`)).body.keyCredentials;
  expect((await put([key(first)])).status).toBe(204);
  const { body } = await administrator.get(path);
  expect(body.keyCredentials).toMatchObject([{ key: null, usage: 'Verify' }]);
  expect((await put([...[body.keyCredentials].flat(), key(second)])).status).toBe(204);
  expect(await stored()).toMatchObject([{ key: first }, { key: second }]);
  expect((await put([])).status).toBe(204);
  expect(await stored()).toEqual([]);
});

test('an app is in one user flow at most, and names of user flows are unique', async () => {
  const { web, flow } = await registerAll(administrator);
  const path = '/identity/authenticationEventsFlows';
  expect(await refusalOf(administrator.post(path, flowBody([])))).toEqual(conflict);
  const second = flowBody([web.appId], { displayName: 'Second' });
  expect((await administrator.post(path, second)).status).toBe(409);
  expect(await refusalOf(administrator.post(path, flowBody([randomUUID()], { displayName: 'Second' })))).toEqual(bad);
  const apps = `${path}/${flow}/conditions/applications/includeApplications`;
  expect((await administrator.delete(`${apps}/${web.appId}`)).status).toBe(204);
  expect((await administrator.post(path, second)).status).toBe(201);
  expect((await administrator.post(apps, { appId: web.appId })).status).toBe(409);
  const ofApp = `microsoft.graph.externalUsersSelfServiceSignUpEventsFlow/conditions/applications/includeApplications/any(appId:appId/appId eq '${web.appId}')`;
  expect(await administrator.list(`${path}?$filter=${ofApp}`)).toMatchObject([{ displayName: 'Second' }]);
  expect(await administrator.list(`${path}?$filter=displayName eq 'Shop sign-up'`)).toMatchObject([{ id: flow }]);
});

test('deleting an application deletes its service principal and consent; it can be restored', async () => {
  const { web } = await registerAll(administrator);
  expect((await administrator.delete(`/applications/${web.id}`)).status).toBe(204);
  expect(await refusalOf(administrator.get(`/applications/${web.id}`))).toEqual(absent);
  expect(await refusalOf(administrator.get(`/servicePrincipals(appId='${web.appId}')`))).toEqual(absent);
  expect(await administrator.list('/oauth2PermissionGrants')).toEqual([]);
  const deleted = '/directory/deletedItems';
  expect(await administrator.list(`${deleted}/microsoft.graph.application`)).toMatchObject([{ id: web.id }]);
  expect((await administrator.post(`${deleted}/${web.id}/restore`, {})).status).toBe(200);
  expect((await administrator.get(`/applications/${web.id}`)).body).toMatchObject({ deletedDateTime: null });
  await administrator.delete(`/applications/${web.id}`);
  expect((await administrator.delete(`${deleted}/${web.id}`)).status).toBe(204);
  expect(await administrator.list(`${deleted}/microsoft.graph.application`)).toEqual([]);
});
