import { generateKeyPair, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { selfSignedCertificate } from './selfSignedCertificate.ts';

/** A certificate, and the file for it and its private key. */
export interface CertificateFile {
  readonly path: string;
  /** The public half in PEM. */
  readonly pem: string;
  /** What to write to `path`, with the private key; undefined if the file exists. */
  readonly unsaved?: string;
}

const lifetimeMs = 365 * 24 * 3_600_000;
/** For a tenant whose clock is behind ours. */
const allowedSkewMs = 3_600_000;

/**
 * Makes a 3072-bit RSA key and a certificate that is valid for a year. Writes nothing yet.
 * @param folder where the app is configured; the file goes to `.certificates` in it
 * @param name the common name, and the start of the file's name: letters, digits and hyphens
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function makeCertificate(folder: string, name: string, now = new Date()): Promise<CertificateFile> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 3072 });
  const certificate = selfSignedCertificate(privateKey, {
    commonName: name,
    notBefore: new Date(now.getTime() - allowedSkewMs),
    notAfter: new Date(now.getTime() + lifetimeMs),
  });
  const pem = certificate.toString();
  const mark = certificate.fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase();
  const unsaved = `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${pem}`;
  return { path: join(folder, '.certificates', `${name}-${mark}.pem`), pem, unsaved };
}

/** Writes the file if it does not exist yet. Only its owner may read it. */
export async function saveCertificate({ path, unsaved }: CertificateFile): Promise<void> {
  if (unsaved === undefined) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // `wx` never follows a link or overwrites a file that somebody else put there.
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(unsaved);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads the certificate of a PEM file; undefined if there is none or it has expired. */
export async function readCertificate(path: string, now = new Date()): Promise<CertificateFile | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(path));
    return new Date(certificate.validTo) > now ? { path, pem: certificate.toString() } : undefined;
  } catch {
    return undefined;
  }
}
