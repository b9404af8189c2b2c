import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../test/support/freePort.ts';
import { createApp } from '../src/app.ts';
import { readTenantConfig } from '../src/config.ts';
import { addToHosts, entraHosts, hostsLine, ownAddress } from '../src/hostsFile.ts';
import { createLogger } from '../src/runtime/logger.ts';
import { createTenant } from '../src/state/createTenant.ts';
import { serveWithTls } from '../src/tls.ts';

const tenantId = '7c1f5d3a-94b2-4e0c-8a6d-2f5b9e3c1d70';
const line = `127.0.0.2 contoso.ciamlogin.com ${tenantId}.ciamlogin.com # entra-local-tenant`;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-'));
  path = join(folder, 'hosts');
});
afterEach(() => rm(folder, { recursive: true }));

test('with --hosts, the tenant is at the names of a real one, on port 443', () => {
  const config = readTenantConfig({ TENANT_HOSTS: '1' });
  expect(config).toMatchObject({ port: 443, baseUrl: 'https://contoso.ciamlogin.com', hasOwnTls: true });
  expect(hostsLine(config)).toBe(line);
  expect(() => readTenantConfig({ TENANT_HOSTS: '1', BASE_URL: 'https://tenant.test' })).toThrow(
    'BASE_URL must not be',
  );
});

test('clients that trust its certificate are answered at both names, each with its own endpoints', async () => {
  const port = await freePort();
  const config = readTenantConfig({ TENANT_HOSTS: '1', PORT: String(port) });
  const tenant = await createTenant(
    config,
    createLogger(() => {}),
  );
  const options = { ...tenant, address: ownAddress, hosts: entraHosts(config) };
  const server = await serveWithTls(createApp(tenant), port, options);
  const readMetadata = (origin: string) =>
    new Promise<string>((resolve, reject) => {
      const url = `${origin}/${tenantId}/v2.0/.well-known/openid-configuration`;
      // In place of the hosts file.
      const lookup: LookupFunction = (_name, _options, use) => use(null, [{ address: ownAddress, family: 4 }]);
      get(url, { ca: server.certificate, agent: false, lookup }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(body));
      }).on('error', reject);
    });
  const origins = ['contoso', tenantId].map((name) => `https://${name}.ciamlogin.com:${port}`);
  const documents = await Promise.all(origins.map(readMetadata));
  await server.stop();
  expect(documents.map((body) => JSON.parse(body))).toEqual(
    origins.map((origin) =>
      expect.objectContaining({
        issuer: `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`,
        token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
      }),
    ),
  );
});

const before = '127.0.0.1 localhost\n# mine\n';

test('--write adds one line to the hosts file, and removes it again with nothing else', async () => {
  await writeFile(path, before);
  addToHosts(line, path);
  expect(await readFile(path, 'utf8')).toBe(`${before}${line} --write\n`);
  // The tenant was killed before it could remove the line.
  const remove = addToHosts(line, path);
  expect(await readFile(path, 'utf8')).toBe(`${before}${line} --write\n`);
  await writeFile(path, `${await readFile(path, 'utf8')}10.0.0.1 added.meanwhile\n`);
  remove();
  expect(await readFile(path, 'utf8')).toBe(`${before}10.0.0.1 added.meanwhile\n`);
});

test('a line that was added by hand stays', async () => {
  await writeFile(path, `${before}${line}\n`);
  addToHosts(line, path)();
  expect(await readFile(path, 'utf8')).toBe(`${before}${line}\n`);
});

test('a hosts file that cannot be written is an error with the line to add', async () => {
  await mkdir(path);
  expect(() => addToHosts(line, path)).toThrow(`${path} cannot be written. Add this line yourself`);
});
