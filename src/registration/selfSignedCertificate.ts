import { createPublicKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

export interface CertificateOptions {
  /** At most 64 ASCII characters. */
  readonly commonName: string;
  /** Default: now. */
  readonly notBefore?: Date;
  /** Default: in a year. */
  readonly notAfter?: Date;
}

const yearMs = 365 * 24 * 3_600_000;

/** Makes a self-signed X.509 certificate for an RSA key, which may sign and nothing else; Node cannot make certificates. */
export function selfSignedCertificate(
  privateKey: KeyObject,
  { commonName, notBefore = new Date(), notAfter = new Date(Date.now() + yearMs) }: CertificateOptions,
): X509Certificate {
  const certificate = forge.pki.createCertificate();
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicPem);
  // A serial number is positive: its first byte is below 0x80.
  certificate.serialNumber = `40${randomBytes(8).toString('hex')}`;
  certificate.validity = { notBefore, notAfter };
  const name = [{ name: 'commonName', value: commonName }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([{ name: 'keyUsage', critical: true, digitalSignature: true }]);
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  certificate.sign(forge.pki.privateKeyFromPem(privatePem), forge.md.sha256.create());
  return new X509Certificate(forge.pki.certificateToPem(certificate));
}
