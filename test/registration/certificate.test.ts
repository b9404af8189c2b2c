import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeCertificate, readCertificate, saveCertificate } from '../../src/registration/certificate.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a new certificate is good for a year from now on, for signatures alone, and signed by its own key of 3072 bits', async () => {
  const now = new Date('2030-03-04T05:06:07Z');
  const { pem } = await makeCertificate(folder, 'sample-web', now);
  const certificate = new X509Certificate(pem);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
  expect(certificate.subject).toBe('CN=sample-web');
  expect(new Date(certificate.validFrom)).toEqual(new Date('2030-03-04T04:06:07Z'));
  expect(new Date(certificate.validTo)).toEqual(new Date('2031-03-04T05:06:07Z'));
  expect(certificate.ca).toBe(false);
});

it('it is saved with its key, which the owner alone may read, in a folder of the owner alone', async () => {
  const made = await makeCertificate(join(folder, 'keys'), 'sample-web');
  await saveCertificate(made);
  expect((await stat(made.path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(made.path))).mode & 0o777).toBe(0o700);
  const text = await readFile(made.path, 'utf8');
  const publicKey = createPublicKey(createPrivateKey(text)).export({ type: 'spki', format: 'pem' });
  expect(publicKey).toBe(new X509Certificate(made.pem).publicKey.export({ type: 'spki', format: 'pem' }));
});

it('a file that is there already is neither overwritten nor followed', async () => {
  const made = await makeCertificate(folder, 'sample-web');
  await writeFile(made.path, 'mine');
  await expect(saveCertificate(made)).rejects.toThrow('EEXIST');
  expect(await readFile(made.path, 'utf8')).toBe('mine');
});

it('a saved one is read back without its key, and not saved again', async () => {
  const made = await makeCertificate(folder, 'sample-web');
  await saveCertificate(made);
  const found = await readCertificate(made.path);
  expect(found).toEqual({ path: made.path, pem: made.pem });
  if (found) await saveCertificate(found);
});

it('one that has expired, is none, or is not there counts as missing', async () => {
  const old = await makeCertificate(folder, 'sample-web', new Date('2020-01-01'));
  await saveCertificate(old);
  expect(await readCertificate(old.path)).toBeUndefined();
  await writeFile(join(folder, 'none.pem'), 'none');
  expect(await readCertificate(join(folder, 'none.pem'))).toBeUndefined();
  expect(await readCertificate(join(folder, 'missing.pem'))).toBeUndefined();
});
