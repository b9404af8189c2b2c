import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

export interface TestCertificate {
  /** In PEM. */
  readonly privateKey: string;
  /** In PEM. */
  readonly certificate: string;
  /** Both, one after the other. */
  readonly pem: string;
  /** SHA-256, in upper-case hexadecimal. */
  readonly thumbprint: string;
}

/** Makes a self-signed certificate with a new RSA key, by default valid for a year. */
export function makeCertificate({ bits = 2048, fromDays = -1, untilDays = 365 } = {}): TestCertificate {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.serialNumber = `40${randomBytes(8).toString('hex')}`;
  certificate.validity = { notBefore: inDays(fromDays), notAfter: inDays(untilDays) };
  certificate.setSubject([{ name: 'commonName', value: 'Test app' }]);
  certificate.setIssuer(certificate.subject.attributes);
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  certificate.sign(forge.pki.privateKeyFromPem(pair.privateKey), forge.md.sha256.create());
  const pem = forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
  return {
    privateKey: pair.privateKey,
    certificate: pem,
    pem: pair.privateKey + pem,
    thumbprint: new X509Certificate(pem).fingerprint256.replaceAll(':', ''),
  };
}

/** PKCS #12 as written by tools before 2020: 3DES, SHA-1. @param password null for none, which differs from the empty one */
export function toPfx({ privateKey, certificate }: TestCertificate, password: string | null): Buffer {
  const key = forge.pki.privateKeyFromPem(privateKey);
  const pfx = forge.pkcs12.toPkcs12Asn1(key, forge.pki.certificateFromPem(certificate), password, {
    algorithm: '3des',
  });
  return Buffer.from(forge.asn1.toDer(pfx).getBytes(), 'latin1');
}

/** The private key in PEM, encrypted with a password. */
export function encrypted(privateKey: string, passphrase: string): string {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
  return createPrivateKey(privateKey).export(options).toString();
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
