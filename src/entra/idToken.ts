import { createHash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { secretEqual } from '../runtime/secretEqual.ts';
import { guid } from '../runtime/settings.ts';

/** The claims that every valid ID token of the tenant has, and any others. */
export type IdTokenClaims = JWTPayload & {
  readonly iss: string;
  readonly sub: string;
  readonly oid: string;
  readonly tid: string;
};

export interface ExpectedIdToken {
  readonly issuer: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The nonce of the sign-in; undefined on refresh, when the token has the first one or none. */
  readonly nonce: string | undefined;
  /** The access token of the same response. */
  readonly accessToken: string;
  /** On refresh: the claims of the ID token from the sign-in. */
  readonly earlier?: IdTokenClaims | undefined;
  /** Milliseconds since 1970; default: the system's clock. */
  readonly now?: () => number;
}

/** The tenant's response has an invalid ID token; the message says which check it failed. */
export class IdTokenInvalid extends Error {
  override readonly name = 'IdTokenInvalid';
  readonly status = 502;
}

/** A refresh returned the ID token of another customer than the one who signed in. */
export class CustomerChanged extends Error {
  override readonly name = 'CustomerChanged';
  readonly status = 502;
}

const clockToleranceSeconds = 60;
/** Entra backdates a token by five minutes, and the code was redeemed a moment ago. */
const maxTokenAgeSeconds = 15 * 60;

const checkedClaims = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1),
  oid: guid,
  tid: guid,
  ver: z.literal('2.0'),
  exp: z.number(),
  iat: z.number(),
  nonce: z.string().min(1).optional(),
  azp: z.string().optional(),
  at_hash: z.string().optional(),
  events: z.never().optional(),
});

/**
 * Verifies an ID token: signature, algorithm, issuer, audience, times, tenant, version and nonce. MSAL Node decodes the
 * token and compares the nonce only.
 * @throws {CustomerChanged} when a refresh names another customer
 * @throws {IdTokenInvalid} for everything else that is wrong with the token. An error of `keys` (tenant unavailable) passes
 *   unchanged.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
export async function validateIdToken(
  idToken: string,
  keys: JWTVerifyGetKey,
  expected: ExpectedIdToken,
): Promise<IdTokenClaims> {
  const { payload, protectedHeader } = await verify(idToken, keys, expected);
  if (protectedHeader.typ !== undefined && protectedHeader.typ !== 'JWT') throw new IdTokenInvalid('typ is not JWT');
  const claims = checkedClaims.safeParse(payload);
  if (!claims.success) {
    const names = claims.error.issues.map((issue) => issue.path.join('.'));
    throw new IdTokenInvalid(`missing or unusable claims: ${names.join(', ')}`);
  }
  const { iss, sub, oid, tid, azp, nonce, at_hash } = claims.data;
  if (expected.earlier) checkSameSignIn(claims.data, expected.earlier);
  if (![payload.aud].flat().every((audience) => audience === expected.clientId)) {
    throw new IdTokenInvalid('aud names another audience as well');
  }
  if (azp !== undefined && azp !== expected.clientId) throw new IdTokenInvalid('azp is another client');
  if (tid !== expected.tenantId) throw new IdTokenInvalid('tid is another tenant');
  if (expected.nonce !== undefined && !secretEqual(nonce ?? '', expected.nonce)) {
    throw new IdTokenInvalid('nonce belongs to another sign-in');
  }
  const digest = createHash('sha256').update(expected.accessToken).digest();
  if (at_hash !== undefined && at_hash !== digest.subarray(0, 16).toString('base64url')) {
    throw new IdTokenInvalid('at_hash belongs to another access token');
  }
  return { ...payload, iss, sub, oid, tid };
}

type SignInClaims = Pick<IdTokenClaims, 'sub' | 'oid' | 'tid'> & { readonly nonce?: unknown };

/** @see https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse */
function checkSameSignIn(renewed: SignInClaims, earlier: SignInClaims): void {
  const changed = (['sub', 'oid', 'tid'] as const).filter((name) => renewed[name] !== earlier[name]);
  if (changed.length > 0) throw new CustomerChanged(`${changed.join(', ')} changed on refresh`);
  if (renewed.nonce !== undefined && renewed.nonce !== earlier.nonce) {
    throw new IdTokenInvalid('nonce changed on refresh');
  }
}

async function verify(idToken: string, keys: JWTVerifyGetKey, { issuer, clientId, nonce, now }: ExpectedIdToken) {
  try {
    return await jwtVerify(idToken, keys, {
      algorithms: ['RS256'],
      issuer,
      audience: clientId,
      requiredClaims: ['sub', 'exp', 'iat', 'tid', 'oid', 'ver', ...(nonce === undefined ? [] : ['nonce'])],
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: maxTokenAgeSeconds,
      currentDate: new Date(now?.() ?? Date.now()),
    });
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    const hint = /"(?:exp|iat|nbf)"/.test(error.message) ? ' (check the clock of this machine)' : '';
    throw new IdTokenInvalid(error.message + hint, { cause: error });
  }
}
