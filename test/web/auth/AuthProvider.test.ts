import { createHash } from 'node:crypto';
import { type CryptoKey, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { IdTokenInvalid } from '../../../src/entra/idToken.ts';
import { AuthProvider } from '../../../src/web/auth/AuthProvider.ts';
import { SignInRequired } from '../../../src/web/auth/errors.ts';
import type { NewPendingSignIn } from '../../../src/web/auth/PendingSignInSealer.ts';
import { stubCredentials, stubHttp, stubKeys, stubMetadata, tokenAnswer } from './stubTenant.ts';

const clientId = '11111111-1111-4111-8111-111111111111';
const todoApiClientId = '22222222-2222-4222-8222-222222222222';

/** An AuthProvider whose token endpoint gives this answer. */
function providerWith(answer?: () => Promise<object>) {
  const http = stubHttp(answer);
  const provider = new AuthProvider({
    metadata: { current: () => stubMetadata },
    keys: stubKeys,
    credentials: stubCredentials(),
    http,
    clientId,
    redirectUri: 'https://app.example/auth/redirect',
    postLogoutRedirectUri: 'https://app.example/auth/signed-out',
    todoApiClientId,
  });
  return { provider, http };
}

const start = (provider: AuthProvider) => provider.startSignIn({ returnTo: '/todos' }, { isRetry: false });

/** The tenant's redirect back to the app. */
const answerTo = ({ state }: NewPendingSignIn) => ({
  state,
  code: 'a code',
  error: undefined,
  isCancelled: false,
  iss: undefined,
  aadsts: undefined,
});

/** Signs Alice in; `claims` change what the tenant puts into her ID token. */
async function signIn(claims: object = {}, signedBy?: CryptoKey) {
  let nonce = '';
  const { provider, http } = providerWith(() => tokenAnswer({ aud: clientId, nonce, ...claims }, signedBy));
  const { pending } = await start(provider);
  nonce = pending.nonce;
  const outcome = await provider.finishSignIn(answerTo(pending), { ...pending, iat: 0 });
  if (outcome.kind !== 'signedIn') throw new Error(outcome.kind);
  return { tokens: outcome.tokens, pending, http };
}

describe('AuthProvider', () => {
  it('sends the browser to the tenant with a state, a nonce and a PKCE challenge', async () => {
    const { provider } = providerWith();
    const { url, pending } = await start(provider);
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe(stubMetadata.authorizationEndpoint);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: 'https://app.example/auth/redirect',
      scope: expect.stringContaining(`api://${todoApiClientId}/ToDoList.ReadWrite`),
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: createHash('sha256').update(pending.codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    expect(pending.returnTo).toBe('/todos');
  });

  it('exchanges the code for tokens, with the verifier that only this app has', async () => {
    const { tokens, pending, http } = await signIn();
    expect(tokens.claims).toMatchObject({ name: 'Alice', aud: clientId });
    expect(tokens.accessToken.token).toBe('an access token');
    expect(http.requests).toHaveLength(1);
    const [request] = http.requests;
    expect(request?.url).toMatch(stubMetadata.tokenEndpoint);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toMatchObject({
      grant_type: 'authorization_code',
      code: 'a code',
      code_verifier: pending.codeVerifier,
      client_secret: 'a secret',
    });
  });

  it('refuses an ID token that the tenant did not sign', async () => {
    const stranger = await generateKeyPair('RS256');
    await expect(signIn({}, stranger.privateKey)).rejects.toThrow(IdTokenInvalid);
  });

  it.each([
    ['another app', { aud: todoApiClientId }],
    ['another tenant', { tid: todoApiClientId }],
    ['an earlier time', { exp: 1 }],
  ])('refuses an ID token for %s', async (_name, claims) => {
    await expect(signIn(claims)).rejects.toThrow(IdTokenInvalid);
  });

  it('asks for a new attempt when the tenant needs the customer, and accepts that the customer cancels', async () => {
    const { provider } = providerWith();
    const { pending } = await start(provider);
    const outcome = (error: string) =>
      provider.finishSignIn({ ...answerTo(pending), code: undefined, error }, { ...pending, iat: 0 });
    expect(await outcome('interaction_required')).toEqual({
      kind: 'interactionNeeded',
      refusal: new Error('interaction_required'),
    });
    expect(await outcome('access_denied')).toEqual({ kind: 'cancelled', refusal: new Error('access_denied') });
    await expect(outcome('invalid_request')).rejects.toThrow('refused by the tenant');
  });

  it('renews tokens with the refresh token in MSAL’s cache', async () => {
    const { tokens } = await signIn();
    const { provider, http } = providerWith(() => tokenAnswer({ aud: clientId }));
    const renewed = await provider.refresh(tokens.msalCache, tokens.claims);
    expect(renewed.claims.oid).toBe(tokens.claims.oid);
    expect(Object.fromEntries(new URLSearchParams(http.requests[0]?.body))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'a refresh token',
    });
  });

  it('ends the session when a renewal brings the tokens of another customer', async () => {
    const { tokens } = await signIn();
    const { provider } = providerWith(() => tokenAnswer({ aud: clientId, sub: 'bob' }));
    await expect(provider.refresh(tokens.msalCache, tokens.claims)).rejects.toThrow(SignInRequired);
  });

  it.each(['', 'null', '{}', '{"Account":{}}', 'not JSON'])(
    'ends the session when MSAL’s cache is %j',
    async (cache) => {
      const { tokens } = await signIn();
      const { provider, http } = providerWith();
      await expect(provider.refresh(cache, tokens.claims)).rejects.toThrow(SignInRequired);
      expect(http.requests).toEqual([]);
    },
  );

  it('sends the browser to the tenant to sign out, and names the account', () => {
    const url = new URL(providerWith().provider.signOutUrl('alice'));
    expect(url.origin + url.pathname).toBe(stubMetadata.endSessionEndpoint);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      post_logout_redirect_uri: 'https://app.example/auth/signed-out',
      logout_hint: 'alice',
    });
  });
});
