import { type KeyObject, randomBytes, sign } from 'node:crypto';

/** The bytes of an ASN.1 value: tag, length, content. @see https://www.itu.int/rec/T-REC-X.690 section 8.1 */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.from(body.length.toString(16).padStart(body.length > 255 ? 4 : 2, '0'), 'hex');
  const length = body.length < 128 ? size : Buffer.concat([Buffer.from([0x80 + size.length]), size]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const sequence = (...content: Buffer[]) => der(0x30, ...content);

export interface CertificateOptions {
  /** The host names that it is for, if it is a server's. */
  readonly hosts?: readonly string[];
  /** What the key may do; default: nothing is said of it. */
  readonly keyUsage?: 'digitalSignature';
  /** Default: 2020. */
  readonly notBefore?: Date;
  /** Before 2050, from which year on dates are written otherwise. Default: the end of 2049. */
  readonly notAfter?: Date;
}

/**
 * A self-signed X.509 certificate for an RSA key; Node cannot make certificates.
 * @param commonName at most 64 ASCII characters
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function selfSignedCertificate(
  privateKey: KeyObject,
  publicKey: KeyObject,
  commonName: string,
  {
    hosts = [],
    keyUsage,
    notBefore = new Date('2020-01-01'),
    notAfter = new Date('2049-12-31'),
  }: CertificateOptions = {},
): Buffer {
  const sha256WithRsa = sequence(der(0x06, Buffer.from('2a864886f70d01010b', 'hex')), der(0x05));
  const commonNameType = der(0x06, Buffer.from('550403', 'hex'));
  const name = sequence(der(0x31, sequence(commonNameType, der(0x0c, Buffer.from(commonName)))));
  const validity = sequence(utcTime(notBefore), utcTime(notAfter));
  // The first byte below 0x80 keeps the serial number positive, and 0x40 keeps it from being empty.
  const serialNumber = der(0x02, Buffer.from([0x40]), randomBytes(8));
  const subjectPublicKey = publicKey.export({ type: 'spki', format: 'der' });
  const extensions = [
    ...(hosts.length > 0 ? [subjectAltName(hosts)] : []),
    ...(keyUsage ? [digitalSignatureOnly()] : []),
  ];
  // Only version 3, which is written as 2, has extensions.
  const version = extensions.length > 0 ? [der(0xa0, der(0x02, Buffer.from([2])))] : [];
  const ending = extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : [];
  const content = [serialNumber, sha256WithRsa, name, validity, name, subjectPublicKey];
  const toBeSigned = sequence(...version, ...content, ...ending);
  const signature = sign('sha256', toBeSigned, privateKey);
  return sequence(toBeSigned, sha256WithRsa, der(0x03, Buffer.from([0]), signature));
}

/** `YYMMDDhhmmssZ` @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5.1 */
function utcTime(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`));
}

/** A critical extension of one bit. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3 */
function digitalSignatureOnly(): Buffer {
  const bits = der(0x03, Buffer.from([7, 0x80]));
  return sequence(der(0x06, Buffer.from('551d0f', 'hex')), der(0x01, Buffer.from([0xff])), der(0x04, bits));
}

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
function subjectAltName(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) => der(0x82, Buffer.from(host)));
  return sequence(der(0x06, Buffer.from('551d11', 'hex')), der(0x04, sequence(...names)));
}

/** A certificate in the form in which programs read it from files. */
export function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
