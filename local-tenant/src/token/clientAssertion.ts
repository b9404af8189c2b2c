import type { X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { AadstsError } from '../AadstsError.ts';
import { endpointPaths } from '../entraDialect.ts';
import type { AppRegistration } from '../registrations/document.ts';
import { readCertificate } from '../registrations/readCertificate.ts';
import type { Tenant } from '../state/tenant.ts';
import { fetchKeys } from './federatedKeys.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const algorithms = ['PS256', 'RS256'];
/** Of clocks, in seconds. */
const tolerance = 300;

/**
 * Checks the JWT with which an app proves itself: signed with a registered certificate, or by another issuer that the
 * app trusts. The same one may be used again for as long as it lives, as MSAL does for ten minutes.
 * Its times are judged by the machine's clock, which is the apps' own, wherever this tenant's clock was moved.
 * @throws {AadstsError} 700027, 700021, 700023, 700024 or 700213.
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function checkAssertion(
  tenant: Tenant,
  app: AppRegistration,
  assertion: string,
  type: string,
): Promise<void> {
  if (type !== assertionType) throw new AadstsError(9002313);
  const claims = readClaims(app, assertion);
  if (claims.iss === app.clientId) await checkCertificateAssertion(tenant, app, assertion);
  else await checkFederatedAssertion(app, assertion, claims);
}

function readClaims(app: AppRegistration, assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw keyNotFound(app);
  }
}

async function checkCertificateAssertion({ config }: Tenant, app: AppRegistration, assertion: string): Promise<void> {
  const certificate = findCertificate(app, decodeProtectedHeader(assertion));
  if (!certificate) throw keyNotFound(app);
  if (new Date(certificate.validTo) < new Date()) throw invalidSignature('The key used is expired.');
  const audience = `${config.baseUrl}${endpointPaths(config).token}`;
  const { clientId } = app;
  const expected = { algorithms, audience, issuer: clientId, subject: clientId, clockTolerance: tolerance };
  try {
    await jwtVerify(assertion, certificate.publicKey, { ...expected, requiredClaims: ['exp'] });
  } catch (error) {
    throw asAadsts(error);
  }
}

/** The registered certificate that the header names, by its SHA-256 or SHA-1 thumbprint. */
function findCertificate(
  { certificates }: AppRegistration,
  header: { readonly x5t?: string; readonly 'x5t#S256'?: unknown },
): X509Certificate | undefined {
  const thumbprint = (fingerprint: string) => Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
  return certificates
    .map((text) => readCertificate(text))
    .find(
      (certificate) =>
        certificate !== undefined &&
        (thumbprint(certificate.fingerprint256) === header['x5t#S256'] ||
          thumbprint(certificate.fingerprint) === header.x5t),
    );
}

/** @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation */
async function checkFederatedAssertion(
  app: AppRegistration,
  assertion: string,
  { iss, sub = '', aud }: JWTPayload,
): Promise<void> {
  const audiences = [aud].flat();
  const credential = app.federatedCredentials.find(
    ({ issuer, subject, audiences: accepted }) =>
      issuer === iss && subject === sub && audiences.some((name) => name !== undefined && accepted.includes(name)),
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
