import { type KeyObject, randomBytes, sign } from 'node:crypto';
import forge from 'node-forge';

/**
 * Makes a self-signed certificate in DER for an RSA key, valid from 2020 to 2049. Node signs it, 50 times as fast as
 * node-forge would.
 * @param hosts the host names that it is for, if it is a server's
 */
export function selfSignedCertificate(
  privateKey: KeyObject,
  publicKey: KeyObject,
  commonName: string,
  hosts: readonly string[] = [],
): Buffer {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  // A first byte below 0x80 keeps the serial number positive.
  certificate.serialNumber = `40${randomBytes(8).toString('hex')}`;
  certificate.validity.notBefore = new Date('2020-01-01');
  certificate.validity.notAfter = new Date('2049-12-31');
  const name = [{ name: 'commonName', value: commonName }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  if (hosts.length > 0) {
    certificate.setExtensions([{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) }]);
  }
  const signer = forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  const signByNode = () => sign('sha256', der(certificate.tbsCertificate), privateKey).toString('binary');
  certificate.sign({ ...signer, sign: signByNode }, forge.md.sha256.create());
  return der(forge.pki.certificateToAsn1(certificate));
}

function der(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'binary');
}

export function toPem(certificate: Buffer): string {
  return forge.pem.encode({ type: 'CERTIFICATE', body: certificate.toString('binary') }).replaceAll('\r', '');
}
