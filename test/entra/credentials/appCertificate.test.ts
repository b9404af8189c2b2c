import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAppCertificate } from '../../../src/entra/credentials/appCertificate.ts';
import { CredentialUnusable } from '../../../src/entra/credentials/credential.ts';
import { encrypted, makeCertificate, toPfx } from '../../support/certificates.ts';

const good = makeCertificate();
const other = makeCertificate();
const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));
const openssl3 = fixture('openssl3.pfx');
/** As `openssl x509 -fingerprint -sha256` says. */
const openssl3Thumbprint = '2FAA486270E7CC6E0CCD776C9B2BE99916E982E7C754BA0386F79274DB845403';

const read = (content: string | Buffer, password?: string) => readAppCertificate(Buffer.from(content), password);

async function problemOf(content: string | Buffer, password?: string): Promise<string> {
  const error: unknown = await read(content, password).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CredentialUnusable);
  return error instanceof Error ? error.message : '';
}

describe('readAppCertificate', () => {
  it.each([
    ['PEM, the key first', good.pem],
    ['PEM, the certificate first', good.certificate + good.privateKey],
    ['PEM with a chain, in whatever order', other.certificate + good.privateKey + good.certificate],
    ['PEM with lines of other tools between', `Bag Attributes\n  friendlyName: web\n${good.pem}`],
    ['PEM of Windows', good.pem.replaceAll('\n', '\r\n')],
    ['PEM with the key as PKCS #1', pkcs1(good.privateKey) + good.certificate],
  ])('reads %s', async (_name, content) => {
    const { thumbprint, privateKey, expiresAt } = await read(content);
    expect(thumbprint).toBe(good.thumbprint);
    expect(privateKey).toBe(good.privateKey);
    expect(expiresAt).toBe(Date.parse(new X509Certificate(good.certificate).validTo));
  });

  it.each([
    ['PEM with an encrypted key', encrypted(good.privateKey, 'of the key') + good.certificate, 'of the key'],
    ['a PFX of older tools', toPfx(good, 'older'), 'older'],
    ['a PFX of older tools with an empty password', toPfx(good, ''), undefined],
    ['a PFX of older tools with no password at all', toPfx(good, null), undefined],
  ])('reads %s', async (_name, content, password) => {
    const { thumbprint, privateKey } = await read(content, password);
    expect([thumbprint, privateKey]).toEqual([good.thumbprint, good.privateKey]);
  });

  it.each([
    ['openssl3.pfx', 'fixture'],
    ['openssl3-no-password.pfx', undefined],
  ])('reads %s, which OpenSSL 3 wrote, byte by byte as it was', async (name, password) => {
    expect((await read(fixture(name), password)).thumbprint).toBe(openssl3Thumbprint);
  });

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  it.each([
    ['no certificate', good.privateKey, /^it has no certificate/],
    ['no private key', good.certificate, /^it has no private key/],
    ['a key of another certificate', other.privateKey + good.certificate, /does not belong to its certificate/],
    ['a key that is not RSA', ec + good.certificate, /^its key is ec; make one of RSA/],
    ['a short key', makeCertificate({ bits: 1024 }).pem, /^its key is RSA with 1024 bits; .* 2048/],
    ['one that has expired', makeCertificate({ fromDays: -9, untilDays: -1 }).pem, /^it expired on 20\d\d-\d\d-\d\d; /],
    ['one of tomorrow', makeCertificate({ fromDays: 1 }).pem, /^it is valid from .*clock/],
    ['damaged PEM', good.privateKey + good.certificate.replace(/\n.{64}\n/, '\n'), /^its PEM is damaged/],
    ['an encrypted key', encrypted(good.privateKey, 'x') + good.certificate, /encrypted; set CLIENT_CERTIFICATE_PASS/],
    ['no certificate at all', 'hello', /^it is neither PEM nor PFX/],
    ['an empty file', '', /^it is neither PEM nor PFX/],
    ['a damaged PFX', openssl3.subarray(0, 900), /^it is not a readable PFX/],
    ['a certificate in DER', new X509Certificate(good.certificate).raw, /^it is not a readable PFX/],
    ['a PFX that needs a password', openssl3, /password; set CLIENT_CERTIFICATE_PASSWORD/],
    ['an older PFX that needs a password', toPfx(good, 'older'), /password; set CLIENT_CERTIFICATE_PASSWORD/],
  ])('refuses %s, and says what to do', async (_name, content, problem) => {
    expect(await problemOf(content)).toMatch(problem);
  });

  it.each([
    ['a key', encrypted(good.privateKey, 'right') + good.certificate],
    ['a PFX', openssl3],
  ])('refuses a wrong password of %s, and does not repeat it', async (_name, content) => {
    const problem = await problemOf(content, 'wr0ng');
    expect(problem).toContain('CLIENT_CERTIFICATE_PASSWORD does not open it');
    expect(problem).not.toContain('wr0ng');
  });

  it('refuses a certificate from the moment it expires', async () => {
    const { expiresAt } = await read(good.pem);
    const at = (now: number) => readAppCertificate(Buffer.from(good.pem), undefined, now);
    expect((await at(expiresAt - 1)).thumbprint).toBe(good.thumbprint);
    await expect(at(expiresAt)).rejects.toThrow('expired');
  });
});

function pkcs1(privateKey: string): string {
  return createPrivateKey(privateKey).export({ type: 'pkcs1', format: 'pem' }).toString();
}
