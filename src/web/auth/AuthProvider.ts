import { createHash } from 'node:crypto';
import { CustomerChanged, type IdTokenClaims } from '../../entra/idToken.ts';
import { type IssuedTokens, loadSoleAccount, todoScopes, verifyIssuedTokens } from '../../entra/issuedTokens.ts';
import type { MetadataSource, TenantMetadata } from '../../entra/MetadataSource.ts';
import type { TenantKeys } from '../../entra/TenantKeys.ts';
import { type AuthorizationAnswer, isFromTenant, outcomeOfError } from './authorizationAnswer.ts';
import { SignInFailed, SignInRequired } from './errors.ts';
import { MsalCalls, type MsalCallsOptions } from './MsalCalls.ts';
import { type NewPendingSignIn, newPendingSignIn, type PendingSignIn } from './PendingSignInSealer.ts';
import type { SignInRequest } from './signInRequest.ts';

export interface AuthProviderOptions extends MsalCallsOptions {
  readonly metadata: Pick<MetadataSource, 'current'>;
  readonly keys: Pick<TenantKeys, 'get'>;
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  readonly todoApiClientId: string;
}

export type SignInOutcome =
  | { readonly kind: 'signedIn'; readonly tokens: IssuedTokens }
  | ReturnType<typeof outcomeOfError>;

/**
 * Signs customers in and out with the tenant: the authorization code flow with PKCE, done by MSAL's
 * `ConfidentialClientApplication`. It takes and returns values and keeps nothing between calls.
 * Every method throws {@link TenantUnavailable} when the tenant cannot be used now.
 */
export class AuthProvider {
  readonly #options: AuthProviderOptions;
  readonly #msal: MsalCalls;
  readonly #scopes: string[];

  constructor(options: AuthProviderOptions) {
    this.#options = options;
    this.#msal = new MsalCalls(options);
    this.#scopes = todoScopes(options.todoApiClientId);
  }

  /**
   * Starts a sign-in: where to send the browser, and what to keep until it comes back.
   * @param trip `isRetry`: whether this is the second, automatic attempt
   * @throws {CredentialUnavailable} while the app has no credential, because the code could not be exchanged for tokens
   */
  async startSignIn(
    { returnTo, prompt, loginHint, domainHint, uiLocales }: SignInRequest,
    { isRetry }: Pick<PendingSignIn, 'isRetry'>,
  ): Promise<{ url: string; pending: NewPendingSignIn }> {
    const pending = newPendingSignIn({ returnTo, isRetry });
    const { result: url } = await this.#msal.call(this.#metadata(), signInRefused, (client) =>
      client.getAuthCodeUrl({
        scopes: this.#scopes,
        redirectUri: this.#options.redirectUri,
        responseMode: 'query',
        state: pending.state,
        nonce: pending.nonce,
        codeChallenge: createHash('sha256').update(pending.codeVerifier).digest('base64url'),
        codeChallengeMethod: 'S256',
        ...(prompt && { prompt }),
        ...(loginHint && { loginHint }),
        ...(domainHint && { domainHint }),
        ...(uiLocales && { extraQueryParameters: { ui_locales: uiLocales } }),
      }),
    );
    return { url, pending };
  }

  /**
   * Finishes a sign-in with the tenant's answer: exchanges the code for tokens and verifies them.
   * @throws {SignInFailed} when the customer should start again
   * @throws {TenantAnswerInvalid | IdTokenInvalid} when the tokens do not verify
   */
  async finishSignIn(answer: AuthorizationAnswer, pending: PendingSignIn): Promise<SignInOutcome> {
    const metadata = this.#metadata();
    if (!isFromTenant(answer, metadata)) throw new SignInFailed('foreign issuer');
    const { code, state, error } = answer;
    if (error !== undefined || code === undefined) return outcomeOfError(answer);
    const { redirectUri } = this.#options;
    const { codeVerifier, nonce } = pending;
    const { result, cache } = await this.#msal.call(metadata, signInRefused, (client) =>
      client.acquireTokenByCode(
        { scopes: this.#scopes, redirectUri, code, codeVerifier, nonce, state: pending.state },
        { code, state },
      ),
    );
    const { clientId, keys } = this.#options;
    const tokens = await verifyIssuedTokens(result, cache, keys.get, { ...metadata, clientId, nonce });
    return { kind: 'signedIn', tokens };
  }

  /**
   * Renews a customer's tokens with the refresh token in MSAL's cache.
   * @param earlier the claims of the ID token that the customer signed in with
   * @throws {SignInRequired} when the tenant wants the customer to sign in again, or names another customer
   */
  async refresh(msalCache: string, earlier: IdTokenClaims): Promise<IssuedTokens> {
    const metadata = this.#metadata();
    const { result, cache } = await this.#msal.call(metadata, refreshRefused, async (client) => {
      const account = await loadSoleAccount(client.getTokenCache(), msalCache);
      if (!account) throw new SignInRequired({ endsSession: true });
      return client.acquireTokenSilent({ scopes: this.#scopes, account, forceRefresh: true });
    });
    const { clientId, keys } = this.#options;
    try {
      return await verifyIssuedTokens(result, cache, keys.get, { ...metadata, clientId, nonce: undefined, earlier });
    } catch (error) {
      throw error instanceof CustomerChanged ? refreshRefused(error) : error;
    }
  }

  /**
   * Where to send the browser to end the customer's session at the tenant.
   * @param loginHint the `login_hint` claim; without it the tenant may ask which account is meant
   * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
   */
  signOutUrl(loginHint: string | undefined): string {
    const url = new URL(this.#metadata().endSessionEndpoint);
    url.searchParams.set('post_logout_redirect_uri', this.#options.postLogoutRedirectUri);
    if (loginHint) url.searchParams.set('logout_hint', loginHint);
    return url.href;
  }

  isIssuer(iss: unknown): boolean {
    return iss === this.#metadata().issuer;
  }

  #metadata(): TenantMetadata {
    return this.#options.metadata.current();
  }
}

const signInRefused = (cause: Error) => new SignInFailed('refused by the tenant', cause);
const refreshRefused = (cause: Error) => new SignInRequired({ endsSession: true, cause });
