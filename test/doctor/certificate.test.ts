import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { todoApi, webApp } from 'entra-local-tenant';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startDocumentTenant } from '../../local-tenant/test/documentTenant.ts';
import { selfSignedCertificate } from '../../src/registration/selfSignedCertificate.ts';
import type { RunningTenant } from '../support/startTenant.ts';
import { findingsOf } from './soundSetup.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const registered = selfSignedCertificate(privateKey, { commonName: 'web' }).toString();
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
const until = (notAfter: Date) =>
  selfSignedCertificate(privateKey, { commonName: 'web', notBefore: inDays(-2), notAfter }).toString();
const soon = until(inDays(10));

let tenant: RunningTenant;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  tenant = await startDocumentTenant({
    apps: [
      {
        clientId: webApp.clientId,
        displayName: 'Web',
        redirectUris: [...webApp.redirectUris],
        certificates: [registered, soon],
      },
    ],
  });
});
afterAll(async () => {
  await Promise.all([tenant.stop(), rm(folder, { recursive: true })]);
});

async function credentialFindings(certificate: string, key: KeyObject = privateKey, mode = 0o600) {
  const path = join(folder, 'web.pem');
  await writeFile(path, `${certificate}${key.export({ type: 'pkcs8', format: 'pem' })}`);
  await chmod(path, mode);
  return await findingsWith(path);
}

async function findingsWith(CLIENT_CERTIFICATE_PATH: string) {
  const findings = await findingsOf({
    TENANT_SUBDOMAIN: tenant.subdomain,
    TENANT_ID: tenant.tenantId,
    METADATA_URL: tenant.metadataUrl,
    CLIENT_ID: webApp.clientId,
    // Unused, because the certificate takes precedence.
    CLIENT_SECRET: 'not-the-secret',
    CLIENT_CERTIFICATE_PATH,
    SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    TODO_API_CLIENT_ID: todoApi.clientId,
  });
  return findings
    .filter(({ name }) => /^(credential|certificate)/.test(name))
    .map(({ status, name, cause }) => `${status} ${name}: ${cause}`);
}

test('a registered certificate file is accepted and named', async () => {
  expect(await credentialFindings(registered)).toEqual([
    expect.stringMatching(/^ok credential source: certificate file .*web\.pem$/),
    'ok credential: the tenant accepts it',
  ]);
});

test.each([
  ['that is not registered', until(inDays(99)), privateKey, /not registered for this app \(AADSTS700027\)/],
  ['with another private key', registered, other.privateKey, /its private key does not belong to its certificate/],
  ['that has expired', until(inDays(-1)), privateKey, /it expired on 20/],
])('a certificate %s is found', async (_what, certificate, key, cause) => {
  const failures = (await credentialFindings(certificate, key)).filter((line) => line.startsWith('fail'));
  expect(failures).toEqual([expect.stringMatching(/^fail credential: /)]);
  expect(failures[0]).toMatch(cause);
});

test('a certificate that expires within 30 days causes a warning', async () => {
  expect(await credentialFindings(soon)).toContainEqual(
    expect.stringMatching(/^warn certificate: .*expires within 30 days/),
  );
});

test('a key that every user of the machine may read causes a warning', async () => {
  expect(await credentialFindings(registered, privateKey, 0o644)).toContainEqual(
    expect.stringMatching(/^warn certificate: .*chmod 600/),
  );
});

test('a missing file fails', async () => {
  expect(await findingsWith(join(folder, 'none.pem'))).toEqual([
    expect.stringMatching(/^fail credential: .*there is no such file/),
  ]);
});

test('a vault that cannot be opened here is unchecked', async () => {
  // As on App Service. Without them, MSAL would ask a virtual machine's metadata endpoint.
  vi.stubEnv('IDENTITY_ENDPOINT', 'http://localhost:9/token');
  vi.stubEnv('IDENTITY_HEADER', 'header');
  const findings = await findingsOf({
    TENANT_SUBDOMAIN: tenant.subdomain,
    METADATA_URL: tenant.metadataUrl,
    CLIENT_ID: webApp.clientId,
    KEY_VAULT_URL: 'http://localhost:9',
    CERTIFICATE_NAME: 'web',
    SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    TODO_API_CLIENT_ID: todoApi.clientId,
  });
  vi.unstubAllEnvs();
  expect(findings.find(({ name }) => name === 'credential')).toMatchObject({
    status: 'unchecked',
    cause: expect.stringMatching(/managed identity/),
  });
});
