import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Administrator, problemOf } from '../graph/Administrator.ts';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
let administrator: Administrator;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
  administrator = await Administrator.signIn(faulty.tenant);
});
afterAll(() => faulty.tenant.stop());

const newApplication = async () => (await administrator.post('/applications', { displayName: 'Shop' })).body;

test.each([
  ['graph-429', 429, 'TooManyRequests', '10'],
  ['graph-500', 500, 'InternalServerError', null],
  ['graph-503', 503, 'ServiceUnavailable', null],
])('%s answers %i %s, once', async (fault, status, code, retryAfter) => {
  await faulty.arm(fault);
  const answer = await administrator.get('/organization');
  expect(problemOf(answer).slice(0, 2)).toEqual([status, code]);
  expect(answer.headers.get('retry-after')).toBe(retryAfter);
  expect((await administrator.get('/organization')).status).toBe(200);
});

test('graph-html answers with a page', async () => {
  await faulty.arm('graph-html');
  const response = await fetch(`${faulty.tenant.origin}/graph/v1.0/organization`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
});

test('graph-slow does not answer', async () => {
  await faulty.arm('graph-slow');
  const url = `${faulty.tenant.origin}/graph/v1.0/organization`;
  await expect(fetch(url, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ name: 'TimeoutError' });
});

test.each([
  ['graph-reset', 0],
  ['graph-answer-lost', 1],
])('%s resets the connection, and %i application is made', async (fault, count) => {
  const displayName = `After ${fault}`;
  await faulty.arm(fault);
  await expect(administrator.post('/applications', { displayName })).rejects.toMatchObject({
    cause: { code: 'ECONNRESET' },
  });
  expect(await administrator.list(`/applications?$filter=displayName eq '${displayName}'`)).toHaveLength(count);
});

test('graph-answer-lost waits for a change', async () => {
  await faulty.arm('graph-answer-lost');
  expect((await administrator.get('/organization')).status).toBe(200);
  await expect(newApplication()).rejects.toThrow();
});

test('graph-not-found-yet shows in a request for one object, once', async () => {
  const { id, appId } = await newApplication();
  for (const path of [`/applications/${id}`, `/applications(appId='${appId}')`]) {
    await faulty.arm('graph-not-found-yet');
    expect((await administrator.get('/applications')).status).toBe(200);
    expect(problemOf(await administrator.get(path)).slice(0, 2)).toEqual([404, 'Request_ResourceNotFound']);
    expect((await administrator.get(path)).status).toBe(200);
  }
});

test('graph-sp-not-yet shows when a service principal is created, once', async () => {
  const { appId } = await newApplication();
  await faulty.arm('graph-sp-not-yet');
  const refused = await administrator.post('/servicePrincipals', { appId });
  expect(refused.body).toMatchObject({
    error: { code: 'Request_BadRequest', details: [{ code: 'NoBackingApplicationObject' }] },
  });
  expect((await administrator.post('/servicePrincipals', { appId })).status).toBe(201);
});

test.each([
  ['app-not-yet', 400, 700016],
  ['secret-not-yet', 401, 7000215],
  ['api-not-yet', 400, 500011],
])('%s refuses a token request with %i and AADSTS%i, once, and spends nothing', async (fault, status, code) => {
  const answer = await faulty.signIn({ state: randomUUID() });
  await faulty.arm(fault);
  const refused = await faulty.app.redeem(answer);
  expect([refused.status, refused.body.error_codes]).toEqual([status, [code]]);
  expect((await faulty.app.redeem(answer)).status).toBe(200);
});
