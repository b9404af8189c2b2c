import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed, seededCustomers, seededPassword, webApp } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { makeCertificate, type TestCertificate, toPfx } from '../support/certificates.ts';
import type { StartedProgram } from '../support/childProcess.ts';
import { freePort } from '../support/freePort.ts';
import { startKeyVaultDouble } from '../support/keyVaultDouble.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { until } from '../support/system.ts';

const [registered, newer, unregistered] = [makeCertificate(), makeCertificate(), makeCertificate()];
const [alice] = seededCustomers;

let folder: string;
let path: string;
let programs: Programs;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  path = join(folder, 'web.pem');
  const apps = seed.apps?.map((app) =>
    app.clientId === webApp.clientId
      ? { ...app, secrets: [], certificates: [registered.certificate, newer.certificate] }
      : app,
  );
  const TENANT_FILE = join(folder, 'tenant.json');
  await writeFile(TENANT_FILE, JSON.stringify({ ...seed, apps }));
  await writeFile(path, registered.pem, { mode: 0o600 });
  programs = await startPrograms(undefined, { tenant: { TENANT_FILE }, web: { CLIENT_CERTIFICATE_PATH: path } });
});
afterAll(async () => {
  await programs.stop();
  await rm(folder, { recursive: true });
});

/** Starts another web app at its own address. */
async function startWeb(changes: Readonly<Record<string, string>>): Promise<StartedProgram> {
  const PORT = String(await freePort());
  return await programs.startWeb({ PORT, BASE_URL: `http://localhost:${PORT}`, ...changes });
}

/** Signs Alice in. @returns the status and path of the page she reaches */
async function signIn(web: StartedProgram): Promise<[number, string]> {
  const browser = new Browser();
  await browser.goto(`${web.url}/auth/signin?returnTo=/users/id`);
  await browser.submit('Next', { email: alice.email });
  const page = await browser.submit('Sign in', { password: seededPassword });
  return [page.status, page.url.pathname];
}

const signedIn = [200, '/users/id'];

describe('a customer of a web app whose only registered credential is a certificate', () => {
  test('signs in with a certificate file even if a secret is set, and the start line names it', async () => {
    expect(programs.web.output()).toContain(`credential="certificate file ${path}"`);
    expect(await signIn(programs.web)).toEqual(signedIn);
    expect(programs.web.output()).toContain(registered.thumbprint);
  });

  test('signs in after an unregistered certificate file was replaced, without a restart', async () => {
    const file = join(folder, 'rotated.pem');
    await writeFile(file, unregistered.pem, { mode: 0o600 });
    const web = await startWeb({ CLIENT_CERTIFICATE_PATH: file });
    await writeFile(file, newer.pem);
    // After a refusal the app rereads the file at once instead of after a minute.
    expect(await signIn(web)).toEqual(signedIn);
    expect(web.output()).toMatch(new RegExp(`new certificate.*${newer.thumbprint}`));
  });

  test('is refused with an unregistered certificate, and the log names it and what to check', async () => {
    const file = join(folder, 'unregistered.pem');
    await writeFile(file, unregistered.pem, { mode: 0o600 });
    const web = await startWeb({ CLIENT_CERTIFICATE_PATH: file });
    expect((await signIn(web))[0]).toBe(502);
    expect(web.output()).toMatch(new RegExp(`AADSTS700027.*${unregistered.thumbprint} is registered`));
  });

  test('signs in with a Key Vault certificate rather than a file, and with a newer version once the first is refused', async () => {
    const vault = await startKeyVaultDouble('web-app');
    vault.answer = versionOf(unregistered);
    const web = await startWeb({ KEY_VAULT_URL: vault.url, CERTIFICATE_NAME: 'web-app', ...vault.identity });
    expect(web.output()).toContain('credential="Key Vault certificate web-app"');
    vault.answer = versionOf(newer);
    expect(await signIn(web)).toEqual(signedIn);
    expect(await signIn(web)).toEqual(signedIn);
    expect(vault.asked()).toBe(2);
    await vault.stop();
  });
});

describe('a web app', () => {
  test('does not start with an expired certificate, and says what to do', async () => {
    const file = join(folder, 'expired.pem');
    await writeFile(file, makeCertificate({ fromDays: -9, untilDays: -1 }).pem, { mode: 0o600 });
    const start = startWeb({ CLIENT_CERTIFICATE_PATH: file });
    await expect(start).rejects.toThrow(
      `The web app cannot start: the certificate file ${file} cannot be used: it expired`,
    );
  });

  test('starts while the vault is unavailable, reports not ready, and becomes ready once the vault answers', async () => {
    const vault = await startKeyVaultDouble('web-app');
    vault.answer = { status: 503, body: {} };
    const PORT = String(await freePort());
    const url = `http://localhost:${PORT}`;
    const settings = { KEY_VAULT_URL: vault.url, CERTIFICATE_NAME: 'web-app', ...vault.identity };
    const starting = programs.startWeb({ PORT, BASE_URL: url, ...settings });
    await until(() => isAlive(url));
    const readiness = await fetch(`${url}/readyz`);
    expect([readiness.status, await readiness.json()]).toMatchObject([503, { credential: false }]);
    const signInAnswer = await fetch(`${url}/auth/signin`, { redirect: 'manual' });
    expect([signInAnswer.status, signInAnswer.headers.get('retry-after')]).toEqual([503, '5']);
    vault.answer = versionOf(registered);
    const web = await starting;
    expect(web.output()).toMatch(/nobody can sign in.*Key Vault answered 503/);
    expect(await signIn(web)).toEqual(signedIn);
    await vault.stop();
  });
});

/** What the vault answers for a certificate. */
function versionOf(certificate: TestCertificate) {
  const value = toPfx(certificate, '').toString('base64');
  return { status: 200, body: { contentType: 'application/x-pkcs12', value } };
}

function isAlive(url: string): Promise<boolean> {
  return fetch(`${url}/livez`).then(
    ({ ok }) => ok,
    () => false,
  );
}
