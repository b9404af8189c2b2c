import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { CredentialUnusable, passwordAdvice } from './credential.ts';

/**
 * Unpacks a PKCS #12 file, which Node cannot.
 * @param password default: none, which tools write as an empty password or as no password, so both are tried
 * @throws {CredentialUnusable} when the password is wrong or the file holds no private key
 * @see https://www.rfc-editor.org/rfc/rfc7292
 */
export function unpackPfx(
  content: Buffer,
  password: string | undefined,
): { key: KeyObject; certificates: X509Certificate[] } {
  const pfx = open(content, password);
  const { pkcs8ShroudedKeyBag, keyBag, certBag } = forge.pki.oids;
  const bagsOf = (type = '') => pfx.getBags({ bagType: type })[type] ?? [];
  const [keyBagOfPfx] = [...bagsOf(pkcs8ShroudedKeyBag), ...bagsOf(keyBag)];
  if (!keyBagOfPfx) throw new CredentialUnusable('it has no private key; export it with its private key');
  const { key, asn1 } = keyBagOfPfx;
  // forge parses RSA keys and certificates only, and leaves others as they are, for Node to name.
  const keyDer = der(key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : asn1);
  return {
    key: createPrivateKey({ key: keyDer, format: 'der', type: 'pkcs8' }),
    certificates: bagsOf(certBag).map(
      ({ cert, asn1 }) => new X509Certificate(der(cert ? forge.pki.certificateToAsn1(cert) : asn1)),
    ),
  };
}

function open(content: Buffer, password: string | undefined): forge.pkcs12.Pkcs12Pfx {
  let cause: unknown;
  for (const candidate of password === undefined ? [undefined, ''] : [password]) {
    try {
      return forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(content.toString('latin1')), candidate);
    } catch (error) {
      cause = error;
    }
  }
  const isAboutPassword = cause instanceof Error && /MAC|password/i.test(cause.message);
  throw new CredentialUnusable(
    isAboutPassword
      ? `it is protected by a password; ${passwordAdvice(password)}`
      : 'it is not a readable PFX; export it again',
    { cause },
  );
}

function der(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1');
}
