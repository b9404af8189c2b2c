import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { send } from '../../test/support/send.ts';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { everyPath, getPaths, postPaths } from './everyPath.ts';

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterEach(() => expect(tenant.logged.filter((line) => line.includes('failed'))).toEqual([]));
afterAll(() => tenant.stop());

/** Sends bytes as they stand, ends its side of the connection, and reads what comes back. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect({ port: Number(new URL(tenant.origin).port), host: 'localhost' });
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  socket.on('error', () => {});
  socket.end(Buffer.from(bytes, 'latin1'));
  await once(socket, 'close');
  return answer;
}

/** The paths that answer with a status from 500 up or with a stack, each with its status. */
async function failures(paths: readonly string[], ask: (url: string) => Promise<Response>): Promise<string[]> {
  const answers = await Promise.all(
    paths.map(async (path) => {
      const response = await ask(tenant.origin + path);
      return { path, status: response.status, text: await response.text() };
    }),
  );
  const isBad = ({ status, text }: { status: number; text: string }) =>
    status >= 500 || /\n\s+at |node_modules/.test(text);
  return answers.filter(isBad).map(({ path, status }) => `${status} ${path}`);
}

test.each(['HEAD', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
  'no path fails of the method %s',
  async (method) => {
    expect(await failures(everyPath, (url) => send(url, { method }))).toEqual([]);
  },
);

test.each<[string, Record<string, string>]>([
  ['broken cookies', { cookie: 'tenant_session=%E0%A4%A; tenant_accounts=%00.%zz..x; tenant_interaction==;;=; x' }],
  ['cookies that are no text', { cookie: 'tenant_session=\xff; tenant_accounts=\xff.\xfe; tenant_resume=\xff' }],
  ['a broken credential', { authorization: `Basic ${Buffer.from('\xff:%zz', 'latin1').toString('base64')}` }],
  ['a credential that is none', { authorization: 'Basic %%%' }],
  ['languages that are none', { 'accept-language': ';q=x,*,\xff-\xff;;', accept: ';;q=,/' }],
  ['a forwarded host that is none', { 'x-forwarded-host': 'a b"<>', 'x-forwarded-proto': 'javascript' }],
  ['a client-request-id that is none', { 'client-request-id': '\xff\xfe' }],
])('no path fails with %s in the headers', async (_name, headers) => {
  expect(await failures(getPaths, (url) => send(url, { headers }))).toEqual([]);
  const posted = {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' }),
    headers,
  };
  expect(await failures(postPaths, (url) => send(url, posted))).toEqual([]);
});

test.each(['%', '%zz', '%E0%A4%A', '%ff', '%00', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '..\\..', 'a'.repeat(10_000)])(
  'no path fails of a further step %j',
  async (step) => {
    const ask = (url: string) => send(url, { target: `${new URL(url).pathname.replace(/\/$/, '')}/${step}` });
    expect(await failures(everyPath, ask)).toEqual([]);
  },
);

test('headers of 30 kB are refused with 431 at every path', async () => {
  const statuses = await Promise.all(
    everyPath.map(
      async (path) =>
        (await sendRaw(`GET ${path} HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(30_000)}\r\n\r\n`)).split(' ')[1],
    ),
  );
  expect(new Set(statuses)).toEqual(new Set(['431']));
});

test('headers of 30 kB are refused with what to do, on the page and in one line of the log', async () => {
  const before = tenant.logged.length;
  const answer = await sendRaw(`GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'a'.repeat(30_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 .*Delete the cookies of this host in the browser, then try again\.\n$/s);
  const lines = tenant.logged.slice(before);
  expect(lines).toEqual([expect.stringContaining('WARN Refused with 431: The request has more than 16 KB of headers')]);
});

const start = (path: string, headers: string) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`;
const formType = 'Content-Type: application/x-www-form-urlencoded';

test.each([
  ['ends before its length', `${formType}\r\nContent-Length: 100`, 'grant_type=refresh'],
  ['ends within a chunk', `${formType}\r\nTransfer-Encoding: chunked`, '50\r\ngrant_type=refresh'],
  ['has a chunk size that is none', `${formType}\r\nTransfer-Encoding: chunked`, 'zz\r\na=b\r\n0\r\n\r\n'],
  ['ends within compressed bytes', `${formType}\r\nContent-Encoding: gzip\r\nContent-Length: 100`, '\x1f\x8b\x08\x00'],
  ['has JSON that ends before its length', 'Content-Type: application/json\r\nContent-Length: 100', '{"name":'],
  ['has two lengths', `${formType}\r\nContent-Length: 3\r\nContent-Length: 4`, 'a=b'],
  ['has a length and chunks', `${formType}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked`, '0\r\n\r\n'],
])('no path fails with a body that %s', async (_case, headers, body) => {
  const answers = await Promise.all(postPaths.map(async (path) => [path, await sendRaw(start(path, headers) + body)]));
  expect(answers.filter(([, answer]) => /^HTTP\/1\.1 5/.test(answer ?? ''))).toEqual([]);
  expect((await fetch(`${tenant.origin}/livez`)).status).toBe(200);
});

test.each([
  ['no HTTP at all', '\x00\x01\r\n\r\n'],
  ['a NUL byte in the path', 'GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a NUL byte in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  [
    'a percent sign that is none',
    'GET /%/v2.0/.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  ],
])('%s gets status 400, and the next request is answered', async (_name, bytes) => {
  expect(await sendRaw(bytes)).toMatch(/^HTTP\/1.1 400 /);
  expect((await fetch(`${tenant.origin}/livez`)).status).toBe(200);
});
