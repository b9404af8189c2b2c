import { createHash } from 'node:crypto';
import type { AuthenticationResult, ConfidentialClientApplication } from '@azure/msal-node';
import { CustomerChanged, type ExpectedIdToken, type IdTokenClaims, validateIdToken } from '../../entra/idToken.ts';
import { type MetadataSource, type TenantMetadata, TenantUnavailable } from '../../entra/MetadataSource.ts';
import type { TenantKeys } from '../../entra/TenantKeys.ts';
import type { AuthorizationAnswer } from './authorizationAnswer.ts';
import { SignInFailed, SignInRequired, TenantAnswerInvalid } from './errors.ts';
import { type MsalClientOptions, withMsalClient } from './msalClients.ts';
import { translateMsalError } from './msalErrors.ts';
import { type NewPendingSignIn, newPendingSignIn, type PendingSignIn } from './PendingSignInSealer.ts';
import type { SignInRequest } from './signInRequest.ts';

export interface AuthProviderOptions extends MsalClientOptions {
  readonly metadata: Pick<MetadataSource, 'current'>;
  readonly keys: Pick<TenantKeys, 'get'>;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  /** The delegated permissions of one API, in full: `api://{API's client id}/ToDoList.Read`. */
  readonly scopes: readonly string[];
}

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the tenant issued for one customer. */
export interface IssuedTokens {
  /** The claims of the ID token, verified. */
  readonly claims: IdTokenClaims;
  readonly accessToken: AccessToken;
  /** MSAL's cache of this customer alone, which holds the refresh token. */
  readonly msalCache: string;
}

export type SignInOutcome =
  | { readonly kind: 'signedIn'; readonly tokens: IssuedTokens }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'interactionNeeded' };

const longestAccessTokenMs = 24 * 60 * 60 * 1000;

/**
 * Signs customers in and out with the tenant. It takes and returns values and keeps nothing between calls.
 */
export class AuthProvider {
  readonly #options: AuthProviderOptions;

  constructor(options: AuthProviderOptions) {
    this.#options = options;
  }

  /**
   * Begins an attempt: where to send the browser, and what it must bring back.
   * @param trip whether and how often the customer has just been at the tenant already
   * @throws {TenantUnavailable} while the tenant's metadata is not known
   * @throws {CredentialUnavailable} while the app has no credential: the customer would come back for nothing
   */
  async startSignIn(
    { returnTo, prompt, loginHint, domainHint, uiLocales }: SignInRequest,
    trip: Partial<Pick<PendingSignIn, 'isRetry' | 'round'>> = {},
  ): Promise<{ url: string; attempt: NewPendingSignIn }> {
    const attempt = newPendingSignIn({ returnTo, isRetry: false, round: 0, ...trip });
    const request = {
      ...this.#request(),
      state: attempt.state,
      nonce: attempt.nonce,
      codeChallenge: createHash('sha256').update(attempt.codeVerifier).digest('base64url'),
      codeChallengeMethod: 'S256',
      responseMode: 'query' as const,
      ...(prompt && { prompt }),
      ...(loginHint && { loginHint }),
      ...(domainHint && { domainHint }),
      ...(uiLocales && { extraQueryParameters: { ui_locales: uiLocales } }),
    };
    const metadata = this.#options.metadata.current();
    const url = await withMsalClient(this.#options, metadata, (client) => client.getAuthCodeUrl(request));
    return { url, attempt };
  }

  /**
   * Finishes an attempt with the tenant's answer. Nothing of it may be stored before this resolves.
   * @throws {SignInFailed} when the answer cannot be used and the customer should start again
   * @throws {TenantAnswerInvalid} when the tenant's tokens do not verify
   * @throws {TenantUnavailable} when the tenant cannot answer now
   */
  async finishSignIn(answer: AuthorizationAnswer, attempt: PendingSignIn): Promise<SignInOutcome> {
    const metadata = this.#options.metadata.current();
    if (!isFromTenant(answer, metadata)) throw new SignInFailed('foreign issuer');
    if (answer.error !== undefined || answer.code === undefined) return outcomeOfError(answer);
    const { code, state } = answer;
    const { codeVerifier, nonce } = attempt;
    const tokens = await withMsalClient(this.#options, metadata, async (client) => {
      const result = await this.#translated(
        client.acquireTokenByCode(
          { ...this.#request(), code, codeVerifier, nonce, state: attempt.state },
          { code, state },
        ),
        (cause) => new SignInFailed('refused by the tenant', cause),
      );
      return await this.#verified(client, result, metadata, { nonce });
    });
    return { kind: 'signedIn', tokens };
  }

  /**
   * Renews a customer's tokens with the refresh token in MSAL's cache.
   * @param earlier the claims of the ID token that the customer signed in with
   * @throws {SignInRequired} when the tenant wants the customer to sign in again, or names another customer
   */
  async refresh(msalCache: string, earlier: IdTokenClaims): Promise<IssuedTokens> {
    const metadata = this.#options.metadata.current();
    return await withMsalClient(this.#options, metadata, async (client) => {
      client.getTokenCache().deserialize(msalCache);
      const [account, ...others] = await client.getTokenCache().getAllAccounts();
      if (!account || others.length > 0) throw new SignInRequired({ endsSession: true });
      const result = await this.#translated(
        client.acquireTokenSilent({ scopes: [...this.#options.scopes], account, forceRefresh: true }),
        (cause) => new SignInRequired({ endsSession: true, cause }),
      );
      try {
        return await this.#verified(client, result, metadata, { nonce: undefined, earlier });
      } catch (cause) {
        throw cause instanceof CustomerChanged ? new SignInRequired({ endsSession: true, cause }) : cause;
      }
    });
  }

  /**
   * Where to send the browser to end the customer's session at the tenant.
   * @param loginHint the `login_hint` claim; without it the tenant may ask which account is meant
   * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
   */
  signOutUrl(loginHint: string | undefined): string {
    const url = new URL(this.#options.metadata.current().endSessionEndpoint);
    url.searchParams.set('post_logout_redirect_uri', this.#options.postLogoutRedirectUri);
    if (loginHint) url.searchParams.set('logout_hint', loginHint);
    return url.href;
  }

  /** @throws {TenantUnavailable} while the tenant's metadata is not known */
  isIssuer(iss: unknown): boolean {
    return iss === this.#options.metadata.current().issuer;
  }

  #translated<Result>(call: Promise<Result>, refused: (cause: Error) => Error): Promise<Result> {
    return translateMsalError(call, refused, this.#options.credentials.advice);
  }

  #request() {
    return { scopes: [...this.#options.scopes], redirectUri: this.#options.redirectUri };
  }

  async #verified(
    client: ConfidentialClientApplication,
    { idToken, accessToken, expiresOn }: AuthenticationResult,
    { issuer, tenantId }: TenantMetadata,
    signIn: Pick<ExpectedIdToken, 'nonce' | 'earlier'>,
  ): Promise<IssuedTokens> {
    const expiresAt = Math.min(expiresOn?.getTime() ?? Number.NaN, Date.now() + longestAccessTokenMs);
    if (!idToken || !accessToken || Number.isNaN(expiresAt)) throw new TenantAnswerInvalid('a token is missing');
    const { clientId, keys } = this.#options;
    const expected = { issuer, tenantId, clientId, accessToken, ...signIn };
    const claims = await validateIdToken(idToken, keys.get, expected);
    return { claims, accessToken: { token: accessToken, expiresAt }, msalCache: client.getTokenCache().serialize() };
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4 */
function isFromTenant({ iss }: AuthorizationAnswer, { issuer, promisesIss }: TenantMetadata): boolean {
  return iss === undefined ? !promisesIss : iss === issuer;
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 and https://openid.net/specs/openid-connect-core-1_0.html#AuthError */
function outcomeOfError({ error = '', aadsts = '' }: AuthorizationAnswer): SignInOutcome {
  switch (error) {
    case 'access_denied':
      return { kind: 'cancelled' };
    case 'login_required':
    case 'interaction_required':
    case 'consent_required':
      return { kind: 'interactionNeeded' };
    case 'temporarily_unavailable':
    case 'server_error':
      throw new TenantUnavailable(`the tenant answered ${error}`);
    default:
      throw new SignInFailed('refused by the tenant', new Error(`${error.replace(/[^\w.-]/g, '')} ${aadsts}`.trim()));
  }
}
