import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { selfSignedCertificate } from '../../src/registration/selfSignedCertificate.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

test('the certificate is for the key, signed by it, and may be used for nothing but signatures', () => {
  const certificate = selfSignedCertificate(privateKey, {
    commonName: 'web',
    notBefore: new Date('2026-01-01'),
    notAfter: new Date('2027-01-01'),
  });
  expect(certificate.checkPrivateKey(privateKey)).toBe(true);
  expect(certificate.verify(publicKey)).toBe(true);
  expect([certificate.subject, certificate.issuer]).toEqual(['CN=web', 'CN=web']);
  expect([new Date(certificate.validFrom), new Date(certificate.validTo)]).toEqual([
    new Date('2026-01-01'),
    new Date('2027-01-01'),
  ]);
  // keyUsage, critical, with the one bit digitalSignature (RFC 5280 section 4.2.1.3).
  expect(certificate.raw.toString('hex')).toContain('0603551d0f0101ff040403020780');
});

test('two certificates never share a serial number', () => {
  const make = () => selfSignedCertificate(privateKey, { commonName: 'web' });
  expect(make().serialNumber).not.toBe(make().serialNumber);
});
