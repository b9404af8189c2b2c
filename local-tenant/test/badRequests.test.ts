import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { webApp } from '../src/seed/apps.ts';
import { DemoApp } from './DemoApp.ts';
import { authorize, deviceAuth, deviceCode, getPaths, keys, logout, metadata, postPaths, token } from './everyPath.ts';

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.stop());

async function ask(path: string, options: RequestInit = {}) {
  const response = await fetch(tenant.origin + path, { redirect: 'manual', ...options });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const formType = 'application/x-www-form-urlencoded';
const form = (body: string) => ({ method: 'POST', body, headers: { 'content-type': formType } });
const json = (body: string) => ({ method: 'POST', body, headers: { 'content-type': 'application/json' } });
const bodies: readonly [string, RequestInit][] = [
  ['nothing', { method: 'POST' }],
  ['repeated parameters', form('client_id=a&client_id=b&grant_type=x&grant_type=y&email=a&email=b&code=1&code=2')],
  ['object parameters', form('client_id[a]=b&__proto__[x]=y&constructor=z&email[]=a')],
  ['a body of 200 kB', form(`client_id=${'a'.repeat(200_000)}`)],
  ['2,000 parameters', form('a=1&'.repeat(2000))],
  ['broken percent signs', form('client_id=%zz%&code=%E0%A4%A')],
  ['NUL bytes', form('client_id=a%00b&code=%00&email=\0@example.com&user_code=%00&grant_type=refresh_token%00&\0=\0')],
  ['invalid UTF-8', { ...form(''), body: Buffer.from('client_id=\xff\xfe&email=\xc3\x28&code=%ff%fe', 'latin1') }],
  ['JSON with NUL bytes', json('{"name":"\\u0000","email":"\\u0000","seconds":"\\u0000"}')],
  ['JSON of invalid UTF-8', { ...json(''), body: Buffer.from('{"email":"\xff"}', 'latin1') }],
  ['JSON in a form', form('{"grant_type":"refresh_token"}')],
  ['a form in JSON', json('grant_type=refresh_token')],
  ['a form in parts', { method: 'POST', body: 'client_id=a', headers: { 'content-type': 'multipart/form-data' } }],
  ['an unknown character set', { ...form('a=b'), headers: { 'content-type': `${formType}; charset=klingon` } }],
  ['a content type that is none', { ...form('a=b'), headers: { 'content-type': ';;=' } }],
  ['JSON', json('{"client_id":1}')],
  ['broken JSON', json('{"client_id"')],
  ['JSON of the wrong kind', json('[null]')],
  ['binary', { method: 'POST', body: Buffer.from([0, 255, 254, 13, 10]), headers: { 'content-type': 'image/png' } }],
  ['an unknown encoding', { ...form('a=b'), headers: { ...form('').headers, 'content-encoding': 'rot13' } }],
  ['a body that is not gzip', { ...form('a=b'), headers: { ...form('').headers, 'content-encoding': 'gzip' } }],
];

test.each(bodies)('%s as a body gets an answer without a stack from every path', async (_name, options) => {
  const answers = await Promise.all(postPaths.map(async (path) => ({ path, ...(await ask(path, options)) })));
  expect(answers.filter(({ status }) => status >= 500).map(({ path, status }) => `${status} ${path}`)).toEqual([]);
  expect(answers.filter(({ text }) => /\n\s+at |node_modules/.test(text)).map(({ path }) => path)).toEqual([]);
  const ok = answers.filter(
    ({ status, path }) => status < 300 && !path.startsWith('/dev/') && path !== logout && path !== authorize,
  );
  expect(ok.map(({ path, status }) => `${status} ${path}`)).toEqual([]);
});

test.each([
  ['repeated parameters', '?client_id=a&client_id=b&state=1&state=2&code=1&code=2&page=a&page=b'],
  ['object parameters', '?client_id[a]=b&state[]=c&__proto__[x]=y'],
  ['broken percent signs', '?client_id=%zz&state=%E0%A4%A'],
  ['invalid UTF-8', '?client_id=%ff%fe&state=%c3%28&code=%ff&user_code=%ff&page=%ff&fault=%ff&ui_locales=%ff'],
  ['NUL bytes', '?client_id=%00&state=%00&code=%00&page=%00&fault=%00&mkt=%00&post_logout_redirect_uri=http://a%00'],
  ['10 kB', `?client_id=${'a'.repeat(10_000)}`],
  ['line breaks', '?client_id=a%0d%0aSet-Cookie:x=y&post_logout_redirect_uri=%0d%0a&state=%00'],
  ['a client-request-id that is none', '?client-request-id=<script>alert(1)</script>'],
])('%s in the address get an answer without a stack from every path', async (_name, query) => {
  const answers = await Promise.all(getPaths.map(async (path) => ({ path, ...(await ask(path + query)) })));
  expect(answers.filter(({ status }) => status >= 500).map(({ path, status }) => `${status} ${path}`)).toEqual([]);
  expect(
    answers.filter(({ text }) => /\n\s+at |node_modules|<script>alert/.test(text)).map(({ path }) => path),
  ).toEqual([]);
  expect(answers.filter(({ headers }) => headers.get('set-cookie')?.includes('x=y')).map(({ path }) => path)).toEqual(
    [],
  );
});

test.each([
  [token, 'GET', 'POST'],
  [token, 'PUT', 'POST'],
  [deviceCode, 'GET', 'POST'],
  [deviceCode, 'DELETE', 'POST'],
  [authorize, 'PUT', 'GET, POST'],
  [logout, 'DELETE', 'GET, POST'],
  [deviceAuth, 'PATCH', 'GET, POST'],
  [metadata, 'POST', 'GET'],
  [keys, 'POST', 'GET'],
])('%s refuses %s with AADSTS900561 and names %s', async (path, method, allowed) => {
  const { status, headers, text } = await ask(path, { method });
  expect(status).toBe(405);
  expect(headers.get('allow')).toBe(allowed);
  expect(JSON.parse(text)).toMatchObject({ error: 'invalid_request', error_codes: [900561] });
});

test('a browser that goes back to the token endpoint sees a page', async () => {
  const { status, text } = await ask(token, { headers: { accept: 'text/html,*/*' } });
  expect(status).toBe(405);
  expect(text).toContain('AADSTS900561: The endpoint only accepts POST requests. Received a GET request.');
});

test('an authorization request can be posted', async () => {
  const { searchParams } = new DemoApp(tenant).authorizeUrl();
  const { status, headers } = await ask(authorize, { method: 'POST', body: searchParams });
  expect(status).toBe(303);
  expect(headers.get('location')).toContain('/interaction/');
  const doubled = new URLSearchParams(searchParams);
  doubled.append('client_id', webApp.clientId);
  expect((await ask(authorize, { method: 'POST', body: doubled })).text).toContain('AADSTS9002313');
});

test('the page behind error_uri says what a code means', async () => {
  const { body } = await new DemoApp(tenant).askTokens({ grant_type: 'authorization_code', client_secret: 'wrong' });
  const page = await ask(String(body.error_uri).replace(tenant.origin, ''));
  expect(page.status).toBe(200);
  expect(page.text).toContain('AADSTS7000215: Invalid client secret provided');
  for (const code of ['1', '', 'toString', '7000215&code=50011']) {
    expect((await ask(`/error?code=${code}`)).status).toBe(404);
  }
});

test('nothing of this was a failure of the tenant, and a customer signs in', async () => {
  expect(tenant.logged.filter((line) => line.includes('failed'))).toEqual([]);
  const app = new DemoApp(tenant);
  const answer = await new TenantBrowser().signIn(app.authorizeUrl(), 'alice@example.com', 'Local-Tenant-1!');
  expect((await app.redeem(answer)).status).toBe(200);
});
