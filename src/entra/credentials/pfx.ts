import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { passwordAdvice } from './appCertificate.ts';
import { CredentialUnusable } from './credential.ts';

/**
 * Takes a PKCS #12 file apart, which Node cannot.
 * @param password default: none; tools write that as an empty one or as none at all, so both are tried
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
  const [keyOfPfx] = [...bagsOf(pkcs8ShroudedKeyBag), ...bagsOf(keyBag)];
  if (!keyOfPfx) throw new CredentialUnusable('it holds no private key; export it with its private key');
  return {
    key: createPrivateKey({ key: keyDer(keyOfPfx), format: 'der', type: 'pkcs8' }),
    certificates: bagsOf(certBag).map((bag) => new X509Certificate(certificateDer(bag))),
  };
}

function open(content: Buffer, password: string | undefined): forge.pkcs12.Pkcs12Pfx {
  const isWanted = password === undefined ? [undefined, ''] : [password];
  const problems: unknown[] = [];
  for (const candidate of isWanted) {
    try {
      return forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(content.toString('latin1')), candidate);
    } catch (error) {
      problems.push(error);
    }
  }
  const cause = problems.at(-1);
  const isAboutPassword = cause instanceof Error && /MAC|password/i.test(cause.message);
  throw new CredentialUnusable(
    isAboutPassword
      ? `it is protected by a password; ${passwordAdvice(password)}`
      : 'it is no PFX that can be read; export it again',
    { cause },
  );
}

/** forge knows RSA keys only; what it does not know it leaves as it was found, for Node to name. */
function keyDer({ key, asn1 }: forge.pkcs12.Bag): Buffer {
  return der(key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key)) : asn1);
}

function certificateDer({ cert, asn1 }: forge.pkcs12.Bag): Buffer {
  return der(cert ? forge.pki.certificateToAsn1(cert) : asn1);
}

function der(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1');
}
