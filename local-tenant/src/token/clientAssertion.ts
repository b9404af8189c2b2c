import type { X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { AadstsError } from '../AadstsError.ts';
import type { AppRegistration } from '../registrations/document.ts';
import { readCertificate } from '../registrations/readCertificate.ts';
import { fetchKeys } from './federatedKeys.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const algorithms = ['PS256', 'RS256'];
/** For clocks that differ, in seconds. */
const tolerance = 300;

/**
 * Checks the JWT with which an app authenticates: signed with a registered certificate, or by an issuer that the app
 * trusts. It can be reused until it expires; MSAL does so for ten minutes. Its times are checked by the machine's clock,
 * which apps use too, even when the tenant's clock was moved.
 * @param expected the `client_assertion_type`, and the audience of an app's own assertion
 * @throws {AadstsError} 50027, 700027, 700021, 700023, 700024 or 700213.
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function checkAssertion(
  app: AppRegistration,
  assertion: string,
  { type, audience }: { readonly type: string; readonly audience: string },
): Promise<void> {
  if (type !== assertionType) throw new AadstsError(9002313);
  const { claims, header } = decode(app, assertion);
  if (Array.isArray(claims.aud)) throw new AadstsError(50027);
  if (claims.iss === app.clientId) await checkCertificateAssertion(app, assertion, { header, audience });
  else await checkFederatedAssertion(app, assertion, claims);
}

function decode(app: AppRegistration, assertion: string) {
  try {
    return { claims: decodeJwt(assertion), header: decodeProtectedHeader(assertion) };
  } catch {
    throw keyNotFound(app);
  }
}

async function checkCertificateAssertion(
  app: AppRegistration,
  assertion: string,
  { header, audience }: { readonly header: ThumbprintHeader; readonly audience: string },
): Promise<void> {
  const certificate = findCertificate(app, header);
  if (!certificate) throw keyNotFound(app);
  if (new Date(certificate.validTo) < new Date()) throw invalidSignature('The key used is expired.');
  const { clientId } = app;
  const expected = { algorithms, audience, issuer: clientId, subject: clientId, clockTolerance: tolerance };
  try {
    await jwtVerify(assertion, certificate.publicKey, { ...expected, requiredClaims: ['exp'] });
  } catch (error) {
    throw asAadsts(error);
  }
}

interface ThumbprintHeader {
  readonly x5t?: unknown;
  readonly 'x5t#S256'?: unknown;
}

/** The registered certificate that the header names, by its SHA-256 or SHA-1 thumbprint. */
function findCertificate({ certificates }: AppRegistration, header: ThumbprintHeader): X509Certificate | undefined {
  return certificates
    .map((text) => readCertificate(text))
    .find(
      (certificate) =>
        certificate !== undefined &&
        (isThumbprint(header['x5t#S256'], certificate.fingerprint256) ||
          isThumbprint(header.x5t, certificate.fingerprint)),
    );
}

/** Compares bytes: some libraries, such as MSAL for Python, pad the base64. */
function isThumbprint(given: unknown, fingerprint: string): boolean {
  const bytes = Buffer.from(fingerprint.replaceAll(':', ''), 'hex');
  return typeof given === 'string' && Buffer.from(given, 'base64url').equals(bytes);
}

/** @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation */
async function checkFederatedAssertion(
  app: AppRegistration,
  assertion: string,
  { iss, sub = '', aud }: JWTPayload,
): Promise<void> {
  const credential = app.federatedCredentials.find(
    ({ issuer, subject, audiences: accepted }) =>
      issuer === iss && subject === sub && typeof aud === 'string' && accepted.includes(aud),
  );
  if (!credential) throw new AadstsError(700213, sub);
  const keys = await fetchKeys(credential.issuer);
  if (!keys) throw invalidSignature(`The keys of the issuer ${credential.issuer} could not be read.`);
  try {
    await jwtVerify(assertion, keys, { algorithms: ['RS256', 'PS256', 'ES256'], clockTolerance: tolerance });
  } catch (error) {
    throw asAadsts(error);
  }
}

function keyNotFound({ clientId }: AppRegistration): AadstsError {
  return new AadstsError(
    700027,
    `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${clientId}'.]`,
  );
}

/** @see https://github.com/pnp/cli-microsoft365/issues/1621 */
function invalidSignature(reason: string): AadstsError {
  return new AadstsError(700027, `Client assertion contains an invalid signature. [Reason - ${reason}]`);
}

function asAadsts(error: unknown): AadstsError {
  if (error instanceof errors.JWTExpired) return new AadstsError(700024);
  if (!(error instanceof errors.JWTClaimValidationFailed)) return invalidSignature('The signature is not valid.');
  if (error.claim === 'aud') return new AadstsError(700023);
  return new AadstsError(error.claim === 'sub' ? 700021 : 700024);
}
