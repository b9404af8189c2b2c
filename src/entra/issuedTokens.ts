import type { AccountInfo, AuthenticationResult, TokenCache } from '@azure/msal-node';
import type { JWTVerifyGetKey } from 'jose';
import { type ExpectedIdToken, type IdTokenClaims, validateIdToken } from './idToken.ts';
import type { TenantMetadata } from './MetadataSource.ts';

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the tenant issued for one customer. */
export interface IssuedTokens {
  /** The verified claims of the ID token. */
  readonly claims: IdTokenClaims;
  readonly accessToken: AccessToken;
  /** MSAL's serialized cache of this customer alone. It holds the refresh token. */
  readonly msalCache: string;
}

/** The tenant's answer must not be trusted, for example because a token is missing or does not verify. */
export class TenantAnswerInvalid extends Error {
  override readonly name = 'TenantAnswerInvalid';
  readonly status = 502;
}

/** An access token is renewed when it is valid for less than this, so that it does not expire on its way to the API. */
const renewBeforeMs = 5 * 60 * 1000;
const longestAccessTokenMs = 24 * 60 * 60 * 1000;

/** Whether a stored access token can be used without asking the tenant. */
export function isFresh({ expiresAt }: AccessToken): boolean {
  return expiresAt - Date.now() > renewBeforeMs;
}

/** The delegated permissions of the to-do API, in full: `api://{the API's client id}/ToDoList.Read`. */
export function todoScopes(todoApiClientId: string): string[] {
  return ['ToDoList.Read', 'ToDoList.ReadWrite'].map((name) => `api://${todoApiClientId}/${name}`);
}

/**
 * Puts a stored cache into a new MSAL client.
 * @returns the customer it belongs to; undefined unless it holds exactly one
 */
export async function loadSoleAccount(cache: TokenCache, msalCache: string): Promise<AccountInfo | undefined> {
  try {
    cache.deserialize(msalCache);
  } catch {
    return undefined;
  }
  const [account, ...others] = await cache.getAllAccounts();
  return others.length === 0 ? account : undefined;
}

/**
 * Verifies what MSAL received. Nothing of it may be used before this resolves: MSAL checks the nonce only.
 * @throws {TenantAnswerInvalid} when a token is missing
 * @throws {IdTokenInvalid | CustomerChanged} as {@link validateIdToken} does
 */
export async function verifyIssuedTokens(
  result: AuthenticationResult | null,
  cache: Pick<TokenCache, 'serialize'>,
  keys: JWTVerifyGetKey,
  expected: Pick<TenantMetadata, 'issuer' | 'tenantId'> & Pick<ExpectedIdToken, 'clientId' | 'nonce' | 'earlier'>,
): Promise<IssuedTokens> {
  const expiresAt = Math.min(result?.expiresOn?.getTime() ?? Number.NaN, Date.now() + longestAccessTokenMs);
  if (!result?.idToken || !result.accessToken || Number.isNaN(expiresAt)) {
    throw new TenantAnswerInvalid('a token is missing');
  }
  const { idToken, accessToken } = result;
  const { issuer, tenantId, clientId, nonce, earlier } = expected;
  const claims = await validateIdToken(idToken, keys, { issuer, tenantId, clientId, nonce, earlier, accessToken });
  return { claims, accessToken: { token: accessToken, expiresAt }, msalCache: cache.serialize() };
}
