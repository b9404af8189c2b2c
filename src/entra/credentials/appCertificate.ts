import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CredentialUnusable, passwordAdvice } from './credential.ts';

/** A certificate with its private key, which authenticates the app. */
export interface AppCertificate {
  /** SHA-256 of the certificate in upper-case hexadecimal, as the admin center shows it. */
  readonly thumbprint: string;
  /** PKCS #8, in PEM. */
  readonly privateKey: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const smallestKeyBits = 2048;

/**
 * Reads and checks a certificate with its private key: PEM with both in one file, or PKCS #12 (PFX).
 * @param password of the PFX or of the private key; default: none
 * @param now milliseconds since 1970
 * @throws {CredentialUnusable} with what is wrong and what to do
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function readAppCertificate(
  content: Buffer,
  password: string | undefined,
  now: number = Date.now(),
): Promise<AppCertificate> {
  const text = content.toString('latin1');
  const isPem = text.includes('-----BEGIN ');
  if (!isPem && content[0] !== 0x30) throw new CredentialUnusable('it is neither PEM nor PFX (PKCS #12)');
  // Loaded only when needed: node-forge is large.
  const { key, certificates } = isPem
    ? unpackPem(text, password)
    : (await import('./pfx.ts')).unpackPfx(content, password);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < smallestKeyBits) {
    const kind = key.asymmetricKeyType === 'rsa' ? `RSA with ${bits} bits` : key.asymmetricKeyType;
    throw new CredentialUnusable(`its key is ${kind}; make one of RSA with ${smallestKeyBits} bits or more`);
  }
  // The file may hold a chain, in any order.
  const certificate = certificates.find((candidate) => candidate.checkPrivateKey(key));
  if (!certificate) {
    throw new CredentialUnusable(
      'its private key does not belong to its certificate; put the two that were made together into it',
    );
  }
  const from = Date.parse(certificate.validFrom);
  const until = Date.parse(certificate.validTo);
  if (until <= now) {
    throw new CredentialUnusable(
      `it expired on ${dayOf(until)}; make a new one and register it (docs/6-certificates.md)`,
    );
  }
  if (from > now) {
    throw new CredentialUnusable(
      `it is valid from ${new Date(from).toISOString()} only; check the clock of this machine`,
    );
  }
  return {
    thumbprint: certificate.fingerprint256.replaceAll(':', ''),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    expiresAt: until,
  };
}

/** A date as messages show it: 2027-01-31. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function unpackPem(text: string, password: string | undefined) {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const key = /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[\s\S]+?-----END \1?PRIVATE KEY-----/.exec(text)?.[0];
  if (certificates.length === 0) throw new CredentialUnusable('it has no certificate; append one in PEM');
  if (!key) throw new CredentialUnusable('it has no private key; append one in PEM');
  try {
    return {
      key: createPrivateKey({ key, ...(password !== undefined && { passphrase: password }) }),
      certificates: certificates.map((certificate) => new X509Certificate(certificate)),
    };
  } catch (cause) {
    const isEncrypted = /ENCRYPTED/.test(key);
    throw new CredentialUnusable(
      isEncrypted ? `its private key is encrypted; ${passwordAdvice(password)}` : 'its PEM is damaged; copy it again',
      { cause },
    );
  }
}
