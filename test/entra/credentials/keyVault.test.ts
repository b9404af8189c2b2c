import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CredentialUnavailable, CredentialUnusable } from '../../../src/entra/credentials/credential.ts';
import { keyVaultCertificate } from '../../../src/entra/credentials/keyVault.ts';
import { createHttpClient } from '../../../src/runtime/httpClient.ts';
import { makeCertificate, toPfx } from '../../support/certificates.ts';
import { type KeyVaultDouble, startKeyVaultDouble } from '../../support/keyVaultDouble.ts';

const certificate = makeCertificate();
const pfx = { contentType: 'application/x-pkcs12', value: toPfx(certificate, '').toString('base64') };
const pem = { contentType: 'application/x-pem-file', value: certificate.pem };

let vault: KeyVaultDouble;
beforeAll(async () => {
  vault = await startKeyVaultDouble('web-app');
});
beforeEach(() => {
  vault.answer = { status: 200, body: pfx };
});
afterAll(() => vault.stop());

const http = createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 256 * 1024 });
const open = (changes: { certificateName?: string; vaultUrl?: string; accessToken?: () => Promise<string> } = {}) =>
  keyVaultCertificate({
    vaultUrl: vault.url,
    certificateName: 'web-app',
    http,
    accessToken: async () => vault.token,
    ...changes,
  });

describe('a certificate of Key Vault', () => {
  it.each([
    ['PKCS #12', pfx],
    ['PEM', pem],
  ])('is read with its private key as %s, whichever the vault was told to keep', async (_name, body) => {
    vault.answer = { status: 200, body };
    const { thumbprint, privateKey } = await open().read();
    expect([thumbprint, privateKey]).toEqual([certificate.thumbprint, certificate.privateKey]);
  });

  it.each([
    [403, { error: { code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } } }, /403.* Key Vault Secrets User/],
    [429, { error: { code: 'Throttled' } }, /answered 429 Throttled$/],
    [500, 'oops', /answered 500$/],
    [200, { value: 5 }, /without a secret$/],
    [200, 'oops', /without a secret$/],
  ])('cannot be had now when the vault answers %s %j', async (status, body, problem) => {
    vault.answer = { status, body };
    const error: unknown = await open()
      .read()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CredentialUnavailable);
    expect(String(error)).toMatch(problem);
  });

  it('is unavailable when the vault refuses the token', async () => {
    const read = open({ accessToken: async () => 'another' }).read();
    await expect(read).rejects.toThrow(/answered 401 Unauthorized; .*Key Vault Secrets User/);
  });

  it('is unavailable when the vault does not answer', async () => {
    const read = open({ vaultUrl: 'http://localhost:9' }).read();
    await expect(read).rejects.toThrow(CredentialUnavailable);
  });

  it('is refused when the vault has none of this name', async () => {
    const error: unknown = await open({ certificateName: 'web' })
      .read()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CredentialUnusable);
    expect(String(error)).toMatch(/has no certificate web; check CERTIFICATE_NAME/);
  });

  it('is refused when it is unusable', async () => {
    const expired = makeCertificate({ fromDays: -9, untilDays: -1 });
    vault.answer = { status: 200, body: { ...pem, value: expired.pem } };
    await expect(open().read()).rejects.toThrow(/expired/);
  });
});
