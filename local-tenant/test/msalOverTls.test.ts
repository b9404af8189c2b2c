import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from '../src/app.ts';
import { readTenantConfig } from '../src/config.ts';
import { createLogger } from '../src/runtime/logger.ts';
import { selfSignedCertificate } from '../src/runtime/selfSignedCertificate.ts';
import { todoApi, webApp } from '../src/seed/apps.ts';
import { seed } from '../src/seed/seed.ts';
import { createTenant } from '../src/state/createTenant.ts';
import { readScope } from './DemoApp.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const certificate = selfSignedCertificate(privateKey, publicKey, 'localhost');
const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;

/** The seed's apps; the web app has a certificate too, and may only read. */
const document = {
  ...seed,
  apps: seed.apps?.map((app) =>
    app.clientId === webApp.clientId
      ? { ...app, certificates: [pem], requiredPermissions: { [todoApi.clientId]: ['ToDoList.Read'] } }
      : app,
  ),
};

let results: Readonly<Record<string, unknown>> = {};

/** Runs the program against a tenant with TLS of its own and reads what it prints. */
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'msal-'));
  const certificatePath = join(folder, 'certificate.pem');
  await writeFile(certificatePath, pem);
  const server = createServer({ key, cert: pem });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  const address = server.address();
  const origin = `https://localhost:${typeof address === 'object' ? address?.port : 0}`;
  const config = readTenantConfig({ BASE_URL: origin });
  server.on(
    'request',
    createApp(
      await createTenant(
        config,
        createLogger(() => {}),
        document,
      ),
    ),
  );
  const thumbprintSha256 = createHash('sha256').update(certificate).digest('hex');
  const input = JSON.stringify({ origin, tenantId: config.tenantId, thumbprintSha256, privateKey: key });
  const { PATH } = process.env;
  const program = ['--import', import.meta.resolve('tsx'), resolve(import.meta.dirname, 'msalProgram.ts')];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, program, {
      env: { PATH, NODE_EXTRA_CA_CERTS: certificatePath, MSAL_PROGRAM_INPUT: input },
      timeout: 50_000,
    });
    results = z.record(z.string(), z.unknown()).parse(JSON.parse(stdout));
  } finally {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  }
}, 60_000);

test.each([
  ['a code with a secret', 'secret'],
  ['a code with a certificate', 'certificate'],
  ['a refresh token after the access token has expired', 'refresh'],
  ['a device code', 'deviceCode'],
])('unmodified MSAL Node over https gets tokens for %s', (_case, name) => {
  const account = expect.stringMatching(/^11111111-aaaa-[0-9a-f-]+\.[0-9a-f-]{36}$/);
  expect(results[name]).toEqual({ account, fromCache: false, scopes: expect.arrayContaining([readScope]) });
});

test('unmodified MSAL Node over https gets an app-only token', () => {
  expect(results.clientCredentials).toMatchObject({ fromCache: false, scopes: [`${todoApi.identifierUri}/.default`] });
});

// Only words of interaction make InteractionRequiredAuthError; invalid_grant alone does not.
// https://github.com/AzureAD/microsoft-authentication-library-for-js/blob/dev/lib/msal-common/src/error/InteractionRequiredAuthError.ts
test.each([
  ['a wrong secret', 'wrongSecret', 'ServerError', 'invalid_client', 7000215, ''],
  ['an unregistered certificate', 'wrongCertificate', 'ServerError', 'invalid_client', 700027, ''],
  ['a wrong verifier', 'wrongVerifier', 'ServerError', 'invalid_grant', 501481, ''],
  ['a code that was redeemed', 'reusedCode', 'ServerError', 'invalid_grant', 54005, ''],
  [
    'a permission without consent',
    'noConsent',
    'InteractionRequiredAuthError',
    'invalid_grant',
    65001,
    'consent_required',
  ],
  ['a revoked refresh token', 'revoked', 'ServerError', 'invalid_grant', 50173, ''],
  ['a refresh token that was not used for 90 days', 'inactive', 'ServerError', 'invalid_grant', 700082, ''],
])('MSAL Node’s error for %s is of the right class', (_case, key, name, errorCode, errorNo, subError) => {
  expect(results[key]).toEqual({ name, errorCode, errorNo, subError });
});
