import { randomUUID } from 'node:crypto';
import { type CryptoKey, generateKeyPair, SignJWT } from 'jose';
import { msalAuthorityOf, type TenantMetadata } from '../../../src/entra/MetadataSource.ts';
import type { HttpClient, HttpRequest } from '../../../src/runtime/httpClient.ts';
import type { AuthProviderOptions } from '../../../src/web/auth/AuthProvider.ts';

const tenantId = randomUUID();
const origin = 'https://contoso.ciamlogin.com';
const issuer = `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;
const endpoints = {
  authorizationEndpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
  tokenEndpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
  jwksUri: `${origin}/${tenantId}/discovery/v2.0/keys`,
  endSessionEndpoint: `${origin}/${tenantId}/oauth2/v2.0/logout`,
};

export const stubMetadata: TenantMetadata = {
  tenantId,
  issuer,
  msalAuthority: msalAuthorityOf('contoso.ciamlogin.com', tenantId, {
    issuer,
    authorization_endpoint: endpoints.authorizationEndpoint,
    token_endpoint: endpoints.tokenEndpoint,
    jwks_uri: endpoints.jwksUri,
    end_session_endpoint: endpoints.endSessionEndpoint,
  }),
  ...endpoints,
  promisesIss: false,
};

const { publicKey, privateKey } = await generateKeyPair('RS256');
/** The tenant's public key, as AuthProvider asks for it. */
export const stubKeys: AuthProviderOptions['keys'] = { get: async () => publicKey };

export const stubCredentials = (
  changes: Partial<AuthProviderOptions['credentials']> = {},
): AuthProviderOptions['credentials'] => ({
  advice: 'check CLIENT_SECRET',
  current: async () => ({ clientSecret: 'a secret' }),
  renew: async () => false,
  ...changes,
});

/** Answers every request with this object, and keeps what was sent. */
export function stubHttp(answer: () => Promise<object> = async () => ({})): HttpClient & { requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  return {
    requests,
    request: async (request) => {
      requests.push(request);
      return { status: 200, headers: {}, body: JSON.stringify(await answer()) };
    },
  };
}

/** An answer of the token endpoint: an ID token for Alice with these claims changed, signed by the tenant or a stranger. */
export async function tokenAnswer(claims: object, signedBy: CryptoKey = privateKey): Promise<object> {
  const now = Math.floor(Date.now() / 1000);
  const alice = { sub: 'alice', oid: '5c0b8b4e-0000-4000-8000-0000000a11ce', tid: tenantId, ver: '2.0', name: 'Alice' };
  const idToken = new SignJWT({ iss: issuer, iat: now, exp: now + 3600, ...alice, ...claims });
  return {
    token_type: 'Bearer',
    expires_in: 3600,
    access_token: 'an access token',
    refresh_token: 'a refresh token',
    id_token: await idToken.setProtectedHeader({ alg: 'RS256', kid: '1' }).sign(signedBy),
    client_info: Buffer.from(JSON.stringify({ uid: alice.oid, utid: tenantId })).toString('base64url'),
  };
}
