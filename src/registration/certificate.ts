import { generateKeyPair, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { selfSignedCertificate, toPem } from '../runtime/certificate.ts';

/** A certificate in PEM, with the file that has its private key or is to have it. */
export interface Certificate {
  readonly path: string;
  /** The public half alone. */
  readonly pem: string;
  /** Both halves, to be written to `path`; undefined when the file is there. */
  readonly unsaved?: string;
}

const lifetimeMs = 365 * 24 * 3_600_000;
/** A clock that is behind ours must not find the certificate in the future. */
const earlierMs = 3_600_000;

/**
 * Makes an RSA key of 3072 bits with a certificate for a year, in memory.
 * @param name the certificate's, and how its file's begins: letters, digits and hyphens
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function makeCertificate(folder: string, name: string, now = new Date()): Promise<Certificate> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 3072 });
  const certificate = selfSignedCertificate(privateKey, publicKey, name, {
    keyUsage: 'digitalSignature',
    notBefore: new Date(now.getTime() - earlierMs),
    notAfter: new Date(now.getTime() + lifetimeMs),
  });
  const pem = toPem(certificate);
  const mark = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase();
  const unsaved = `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${pem}`;
  return { path: join(folder, `${name}-${mark}.pem`), pem, unsaved };
}

/** Writes the file, which its owner alone may read, if it is not there yet. */
export async function saveCertificate({ path, unsaved }: Certificate): Promise<void> {
  if (unsaved === undefined) return;
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  // `wx`: never through a link or into a file that somebody else put there.
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(unsaved);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The certificate in a PEM file; undefined when there is none, or one that has expired. */
export async function readCertificate(path: string, now = new Date()): Promise<Certificate | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(path));
    return new Date(certificate.validTo) > now ? { path, pem: certificate.toString() } : undefined;
  } catch {
    return undefined;
  }
}
