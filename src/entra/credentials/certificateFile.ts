import { readFile, stat } from 'node:fs/promises';
import type { Logger } from '../../runtime/logger.ts';
import { type AppCertificate, readAppCertificate } from './appCertificate.ts';
import type { CertificateStore } from './CertificateSource.ts';
import { CredentialUnusable } from './credential.ts';

export interface CertificateFileOptions {
  readonly path: string;
  /** Of the PFX or of the private key; default: none. */
  readonly password?: string | undefined;
  readonly log: Logger;
}

/** A file with a certificate and its private key, PEM or PFX; whoever replaces it need not restart the app. */
export function certificateFile({ path, password, log }: CertificateFileOptions): CertificateStore {
  let last: { readonly content: Buffer; readonly certificate: AppCertificate } | undefined;
  return {
    name: `certificate file ${path}`,
    freshMs: 60_000,
    async read() {
      const content = await contentOf(path);
      if (last?.content.equals(content)) return last.certificate;
      const certificate = await readAppCertificate(content, password);
      await warnIfOpen(path, log);
      last = { content, certificate };
      return certificate;
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; CLIENT_CERTIFICATE_PATH must name one, from the folder in which the app is started',
  EACCES: 'the app may not read it; let its user own it, with mode 600',
  EISDIR: 'it is a folder; CLIENT_CERTIFICATE_PATH must name the file in it',
};

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    throw new CredentialUnusable(reasons[code] ?? `it cannot be read (${code})`, { cause });
  }
}

async function warnIfOpen(path: string, log: Logger): Promise<void> {
  // Windows has no such bits, and Node shows every file there as readable by all.
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if (mode & 0o007) log.warn(`Every user of this machine may read the app's private key; chmod 600 ${path}`);
}
