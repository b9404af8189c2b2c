import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findingsOf } from './soundSetup.ts';

const webOnly = {
  TENANT_SUBDOMAIN: 'contoso',
  METADATA_URL: 'http://localhost:9/',
  CLIENT_ID: crypto.randomUUID(),
  CLIENT_SECRET: 'a-secret',
  SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
  TODO_API_CLIENT_ID: crypto.randomUUID(),
};

describe('a file with secrets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test.each([
    [0o600, ['ok']],
    [0o400, ['ok']],
    [0o640, ['warn']],
    [0o604, ['warn']],
    [0o666, ['warn']],
  ])('of mode %o is %s', async (mode, statuses) => {
    const envFile = join(folder, '.env');
    await writeFile(envFile, '');
    await chmod(envFile, mode);
    const findings = await findingsOf({}, { envFile });
    expect(findings.filter(({ name }) => name === '.env file').map(({ status }) => status)).toEqual(statuses);
  });

  test('in UTF-16 is reported, because no program reads its settings', async () => {
    const envFile = join(folder, '.env');
    await writeFile(envFile, Buffer.from('\ufeffPORT=3000\n', 'utf16le'), { mode: 0o600 });
    const finding = (await findingsOf({}, { envFile })).find(({ name }) => name === '.env file');
    expect(finding).toMatchObject({ status: 'fail', cause: expect.stringContaining('UTF-16') });
  });

  test('that does not exist is not reported', async () => {
    const findings = await findingsOf({}, { envFile: join(folder, '.env') });
    expect(findings.filter(({ name }) => name === '.env file')).toEqual([]);
  });
});

describe('the answer at an address', () => {
  const answers: [string, string, RequestListener, string, RegExp][] = [
    [
      'a redirect',
      'web app',
      (_request, response) => response.writeHead(308, { location: '/' }).end(),
      'fail',
      /redirects instead/,
    ],
    ['421', 'web app', (_request, response) => response.writeHead(421).end(), 'fail', /does not arrive with this host/],
    ['500', 'web app', (_request, response) => response.writeHead(500).end(), 'fail', /answers 500$/],
    ['a page', 'web app', (_request, response) => response.end('<h1>Home</h1>'), 'ok', /^answers at/],
    ['a page', 'to-do API', (_request, response) => response.end('[]'), 'fail', /answers 200 without an access token/],
    [
      '401 of another API',
      'to-do API',
      (_request, response) => response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end(),
      'warn',
      /not this project's/,
    ],
  ];

  test.each(answers)('%s at the address of the %s gets its finding', async (_answer, name, listener, status, cause) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const address = server.address();
    const url = `http://localhost:${typeof address === 'object' && address ? address.port : 0}`;
    const findings = await findingsOf({ ...webOnly, BASE_URL: url, TODO_API_URL: url });
    server.close();
    server.closeAllConnections();
    const found = findings.find((finding) => finding.name === name);
    expect(found?.status).toBe(status);
    expect(found?.cause).toMatch(cause);
  });

  test('a web app that is not running is unchecked', async () => {
    const findings = await findingsOf({ ...webOnly, BASE_URL: 'http://localhost:9' });
    expect(findings.find(({ name }) => name === 'web app')?.status).toBe('unchecked');
  });
});

test('the cookie name follows from BASE_URL', async () => {
  const cookieOf = async (BASE_URL: string) =>
    (await findingsOf({ ...webOnly, BASE_URL })).find(({ name }) => name === 'cookie name')?.cause;
  expect(await cookieOf('http://localhost:9')).toMatch(/^session,/);
  expect(await cookieOf('https://localhost:9')).toMatch(/^__Host-session,/);
});
