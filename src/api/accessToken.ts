import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { type MetadataSource, TenantUnavailable } from '../entra/MetadataSource.ts';
import type { TenantKeys } from '../entra/TenantKeys.ts';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { bearerProblem, credentialsMissing, Problem } from './errors.ts';

export interface AccessTokenRules {
  /** The API's client id: the audience. */
  readonly clientId: string;
  readonly allowedClientIds?: readonly string[] | undefined;
  readonly metadata: Pick<MetadataSource, 'current'>;
  readonly keys: Pick<TenantKeys, 'get'>;
  readonly log: Logger;
}

const toleranceSeconds = 60;
const longestToken = 16_384;

const accessTokenClaims = z.object({
  sub: z.string().min(1),
  oid: z.guid().toLowerCase(),
  tid: z.string(),
  ver: z.literal('2.0'),
  iat: z.number(),
  azp: z.string().optional(),
  idtyp: z.unknown().optional(),
  scp: z.unknown().optional(),
  roles: z.unknown().optional(),
  // Refuses an ID token of an app that shares the API's registration, which has the right audience.
  nonce: z.undefined().optional(),
});

/** The claims of a verified access token that the API decides by. */
export type AccessTokenClaims = z.output<typeof accessTokenClaims>;

/** Verifies the values of a request's Authorization headers. */
export type VerifyAccessToken = (authorization: readonly string[] | undefined) => Promise<AccessTokenClaims>;

/**
 * Creates the check of every request's token. It throws a {@link Problem}, or TenantUnavailable while the tenant's keys
 * are unavailable.
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens#validate-tokens
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 */
export function accessTokenVerifier(rules: AccessTokenRules): VerifyAccessToken {
  return async (authorization) => {
    const token = tokenOf(authorization);
    try {
      return checkClaims(await verified(token, rules), rules);
    } catch (error) {
      if (error instanceof Problem || error instanceof TenantUnavailable) throw error;
      throw refusal(error, rules.log);
    }
  };
}

function tokenOf(authorization: readonly string[] | undefined): string {
  const [header, second] = authorization ?? [];
  if (header === undefined) throw credentialsMissing();
  if (second !== undefined) throw bearerProblem('invalid_request', 'more than one Authorization header');
  const [scheme, ...rest] = header.split(' ');
  if (scheme?.toLowerCase() !== 'bearer') throw credentialsMissing();
  const token = rest.join(' ').trim();
  if (token.length > longestToken || !isCompactJws(token)) throw bearerProblem('invalid_token', 'not a signed JWT');
  return token;
}

/** Stricter than jose, which tolerates padding, spaces and unused bits in a signature: a token has one spelling here. */
function isCompactJws(token: string): boolean {
  const signature = /^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(token)?.[1];
  return signature !== undefined && Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

async function verified(token: string, { clientId, metadata, keys }: AccessTokenRules): Promise<JWTPayload> {
  const getKey: JWTVerifyGetKey = (header, jws) => {
    // Entra's tokens name their key by `kid` only. A token that brings a key along is an attack.
    const found = ['jwk', 'jku', 'x5u', 'x5c'].find((name) => name in header);
    if (found) throw new errors.JWSInvalid(`The header brings a key in "${found}"`);
    return keys.get(header, jws);
  };
  const { payload } = await jwtVerify(token, getKey, {
    algorithms: ['RS256'],
    typ: 'JWT',
    issuer: metadata.current().issuer,
    audience: clientId,
    requiredClaims: ['exp'],
    clockTolerance: toleranceSeconds,
  });
  return payload;
}

function checkClaims(payload: JWTPayload, rules: AccessTokenRules): AccessTokenClaims {
  const claims = accessTokenClaims.parse(payload);
  if (claims.tid !== rules.metadata.current().tenantId) throw new errors.JWTInvalid('unexpected "tid" claim value');
  // jose checks "iat" only with maxTokenAge.
  if (claims.iat > Date.now() / 1_000 + toleranceSeconds) throw new errors.JWTInvalid('"iat" is in the future');
  if (rules.allowedClientIds && !rules.allowedClientIds.includes(claims.azp?.toLowerCase() ?? '')) {
    const cause = new Error(`the app ${claims.azp} is not in ALLOWED_CLIENT_IDS`);
    throw bearerProblem('insufficient_scope', 'this app may not call the API', { cause });
  }
  return claims;
}

/** The caller learns little; the log says which check failed. Neither gets a value from the token. */
function refusal(error: unknown, log: Logger): Problem {
  if (error instanceof errors.JWTExpired) return bearerProblem('invalid_token', 'expired', { cause: error });
  let cause = error;
  if (error instanceof z.ZodError) {
    cause = new Error(`unusable claims: ${error.issues.map(({ path }) => path.join('.')).join(' ')}`);
  } else if (error instanceof errors.JOSENotSupported) {
    // jose's message repeats "crit", which anybody can write: the signature is not checked yet.
    cause = new Error(error.code);
  } else if (!(error instanceof errors.JOSEError)) {
    log.error('Access token refused for an unknown reason', errorFields(error));
  }
  return bearerProblem('invalid_token', 'not valid for this API', { cause });
}
