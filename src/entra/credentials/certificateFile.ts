import { readFile, stat } from 'node:fs/promises';
import type { Logger } from '../../runtime/logger.ts';
import { type AppCertificate, readAppCertificate } from './appCertificate.ts';
import type { CertificateStore } from './CertificateSource.ts';
import { CredentialUnusable } from './credential.ts';

/** A file with a certificate and its private key, PEM or PFX. It can be replaced without a restart. */
export function certificateFile(path: string, password: string | undefined, log: Logger): CertificateStore {
  let last: { readonly content: Buffer; readonly certificate: AppCertificate } | undefined;
  return {
    name: `certificate file ${path}`,
    freshMs: 60_000,
    async read() {
      const content = await readFile(path).catch((cause: unknown) => {
        const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
        throw new CredentialUnusable(reasons[code] ?? `it cannot be read (${code})`, { cause });
      });
      if (last?.content.equals(content)) return last.certificate;
      const certificate = await readAppCertificate(content, password);
      await warnIfOpen(path, log);
      last = { content, certificate };
      return certificate;
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; CLIENT_CERTIFICATE_PATH is relative to the folder in which the app starts',
  EACCES: 'the app may not read it; make its user the owner, with mode 600',
  EISDIR: 'it is a folder; set CLIENT_CERTIFICATE_PATH to the file in it',
};

async function warnIfOpen(path: string, log: Logger): Promise<void> {
  // Windows has no such bits; Node reports every file there as readable by all.
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if (mode & 0o007) log.warn(`Every user of this machine can read the app's private key; run chmod 600 ${path}`);
}
