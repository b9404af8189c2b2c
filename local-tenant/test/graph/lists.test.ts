import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../../test/support/startTenant.ts';
import { Administrator, problemOf } from './Administrator.ts';

let tenant: RunningTenant;
let administrator: Administrator;
beforeAll(async () => {
  tenant = await startTenant({ TENANT_EMPTY: '1' });
  administrator = await Administrator.signIn(tenant);
});
afterEach(() => tenant.control('reset'));
afterAll(() => tenant.stop());

const make = async (displayName: string) => (await administrator.post('/applications', { displayName })).body;

test('a long list comes in pages, each linking to the next', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await make(name);
  await tenant.control('graph', { pageSize: 2 });
  const seen: unknown[][] = [];
  for (let next: unknown = '/applications?$select=displayName'; typeof next === 'string'; ) {
    const { body } = await administrator.get(next);
    seen.push([body.value].flat());
    next = body['@odata.nextLink'];
  }
  expect(seen).toEqual([
    [{ displayName: 'a' }, { displayName: 'b' }],
    [{ displayName: 'c' }, { displayName: 'd' }],
    [{ displayName: 'e' }],
  ]);
});

test('a filter ignores case and reads doubled quotes', async () => {
  const { id } = await make("Ada's shop");
  await make('Other');
  expect(await administrator.list("/applications?$filter=displayName eq 'ada''s SHOP'")).toMatchObject([{ id }]);
});

test.each([
  ["$filter=displayName ne 'a'", 'does not understand the filter'],
  ["$filter=notes eq 'a'", 'does not understand the filter'],
  ['$expand=owners', "'$expand' is not understood"],
  ['$top=many', 'whole numbers'],
])('%s is refused with a reason', async (query, reason) => {
  const [status, , message] = problemOf(await administrator.get(`/applications?${query}`));
  expect(status).toBe(400);
  expect(message).toContain(reason);
});

test('an error names an unknown resource', async () => {
  const problem = problemOf(await administrator.get('/users'));
  expect(problem).toEqual([400, 'BadRequest', "Resource not found for the segment 'users'."]);
});

test('a new object is hidden from its first reads, but its name is taken at once', async () => {
  await tenant.control('graph', { hiddenReads: 2 });
  const made = (await administrator.upsert('shop', { displayName: 'Shop' })).body;
  const principal = () => administrator.post('/servicePrincipals', { appId: made.appId });
  expect(problemOf(await administrator.get(`/applications/${made.id}`))[0]).toBe(404);
  expect((await principal()).body).toMatchObject({ error: { details: [{ code: 'NoBackingApplicationObject' }] } });
  expect((await administrator.upsert('shop', { displayName: 'Shop' })).status).toBe(204);
  expect((await principal()).status).toBe(201);
  expect(await administrator.list('/servicePrincipals')).toMatchObject([{ displayName: 'Microsoft Graph' }]);
  expect((await administrator.get(`/servicePrincipals(appId='${made.appId}')`)).status).toBe(404);
  expect((await administrator.get(`/servicePrincipals(appId='${made.appId}')`)).status).toBe(200);
});
