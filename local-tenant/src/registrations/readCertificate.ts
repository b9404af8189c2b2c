import { X509Certificate } from 'node:crypto';

/** @param text X.509 as PEM, or as DER in base64 */
export function readCertificate(text: string): X509Certificate | undefined {
  const isPem = text.includes('-----BEGIN CERTIFICATE-----');
  if (!isPem && !/^[A-Za-z0-9+/\s]+=*\s*$/.test(text)) return undefined;
  try {
    return new X509Certificate(isPem ? text : Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}
