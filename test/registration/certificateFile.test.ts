import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type CertificateFile,
  makeCertificate,
  readCertificate,
  saveCertificate,
} from '../../src/registration/certificateFile.ts';

let folder = '';
let made: CertificateFile;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  made = await makeCertificate(folder, 'sample-web', new Date('2030-03-04T05:06:07Z'));
  await saveCertificate(made);
});
afterAll(() => rm(folder, { recursive: true }));

it('a new certificate is valid for a year, and signed by its own 3072-bit key', () => {
  const certificate = new X509Certificate(made.pem);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
  expect(certificate.subject).toBe('CN=sample-web');
  expect(new Date(certificate.validFrom)).toEqual(new Date('2030-03-04T04:06:07Z'));
  expect(new Date(certificate.validTo)).toEqual(new Date('2031-03-04T05:06:07Z'));
  expect(certificate.ca).toBe(false);
});

it('only the owner may read the file with the key, and open its folder', async () => {
  expect((await stat(made.path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(made.path))).mode & 0o777).toBe(0o700);
  const text = await readFile(made.path, 'utf8');
  const publicKey = createPublicKey(createPrivateKey(text)).export({ type: 'spki', format: 'pem' });
  expect(publicKey).toBe(new X509Certificate(made.pem).publicKey.export({ type: 'spki', format: 'pem' }));
});

it('an existing file is not overwritten', async () => {
  const path = join(folder, 'other', 'mine.pem');
  await mkdir(dirname(path));
  await writeFile(path, 'mine');
  await expect(saveCertificate({ ...made, path })).rejects.toThrow('EEXIST');
  expect(await readFile(path, 'utf8')).toBe('mine');
});

it('a saved certificate is read without its key, and not saved again', async () => {
  const found = await readCertificate(made.path);
  expect(found).toEqual({ path: made.path, pem: made.pem });
  if (found) await saveCertificate(found);
});

it('an expired certificate, a file without one and a missing file count as none', async () => {
  expect(await readCertificate(made.path, new Date('2031-03-05'))).toBeUndefined();
  await writeFile(join(folder, 'none.pem'), 'none');
  expect(await readCertificate(join(folder, 'none.pem'))).toBeUndefined();
  expect(await readCertificate(join(folder, 'missing.pem'))).toBeUndefined();
});
