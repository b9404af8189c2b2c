import { randomBytes } from 'node:crypto';
import type { AuthenticationResult, INetworkModule, PublicClientApplication } from '@azure/msal-node';
import { tenantAuthority } from '../entra/authority.ts';
import { type ExpectedIdToken, type IdTokenClaims, validateIdToken } from '../entra/idToken.ts';
import { fetchMetadata, type TenantMetadata } from '../entra/MetadataSource.ts';
import { createMsalNetwork } from '../entra/msalNetwork.ts';
import { TenantKeys } from '../entra/TenantKeys.ts';
import { createDeviceNetwork } from '../entra/terminal/deviceNetwork.ts';
import { listenForBrowser } from '../entra/terminal/loopbackListener.ts';
import { createPublicClient } from '../entra/terminal/publicClient.ts';
import { systemClock, untilAborted, type WaitingClock } from '../entra/terminal/waiting.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import { createLogger } from '../runtime/logger.ts';
import type { HeadlessConfig } from './config.ts';
import { CodeExpired, NotDone } from './errors.ts';
import { soleAccount } from './soleAccount.ts';
import { headlessErrorOf } from './tenantErrors.ts';

/** What the customer needs in order to sign in elsewhere. */
export interface DeviceCode {
  readonly userCode: string;
  /** The tenant's own page: the one that Entra names refuses customers. */
  readonly verificationPage: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the tenant issued for the customer. */
export interface SignedIn {
  /** The claims of the ID token, verified. */
  readonly claims: IdTokenClaims;
  /** `expiresAt`: milliseconds since 1970. */
  readonly accessToken: { readonly token: string; readonly expiresAt: number };
  /** MSAL's cache of this customer alone, which holds the refresh token. */
  readonly msalCache: string;
}

export interface PublicAuthProviderOptions {
  readonly config: Pick<HeadlessConfig, 'tenant' | 'clientId' | 'todoApiClientId'>;
  readonly http: HttpClient;
  /** Default: the system's. */
  readonly clock?: WaitingClock;
}

/** What goes wrong is thrown, not logged. */
const silent = createLogger('headless', 'text', () => {});
const neverAborted = new AbortController().signal;
const longestAccessTokenMs = 24 * 60 * 60 * 1000;

/**
 * Signs the customer in as a public client: without a secret. It takes and returns values and keeps nothing between calls;
 * each call has an MSAL client of its own.
 * Every method throws {@link Unavailable} when the tenant cannot answer, and {@link NotDone} when it refuses the app or its
 * answer does not verify.
 */
export class PublicAuthProvider {
  readonly #options: Required<PublicAuthProviderOptions>;
  readonly #scopes: string[];

  constructor({ config, http, clock = systemClock }: PublicAuthProviderOptions) {
    this.#options = { config, http, clock };
    this.#scopes = ['ToDoList.Read', 'ToDoList.ReadWrite'].map((name) => `api://${config.todoApiClientId}/${name}`);
  }

  /**
   * Gives the customer a code for the tenant's page and waits until it was used there.
   * @param signal ends the waiting at once; the promise rejects with its reason
   * @throws {CodeExpired} when the code was not used in time
   * @throws {SignInDeclined} when the customer cancelled
   * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
   */
  async signInWithDeviceCode(show: (code: DeviceCode) => void, signal: AbortSignal): Promise<SignedIn> {
    const { http, clock, config } = this.#options;
    return await this.#withTenant(signal, async (metadata) => {
      const client = this.#client(
        metadata,
        createDeviceNetwork({ http, clock, signal, tokenEndpoint: metadata.tokenEndpoint }),
      );
      const result = await client.acquireTokenByDeviceCode({
        scopes: this.#scopes,
        deviceCodeCallback: ({ userCode, expiresIn }) =>
          show({
            userCode,
            verificationPage: `${tenantAuthority(config.tenant).origin}/common/oauth2/deviceauth`,
            expiresAt: Date.now() + expiresIn * 1000,
          }),
      });
      // A device's ID token has no nonce: there is no authorization request that could carry one.
      return await this.#verified(client, result, metadata, { nonce: undefined });
    });
  }

  /**
   * Signs in with a browser on this machine, which brings the code back to a port of it.
   * @param open is given the address to open; the sign-in may also be done in a browser that the customer opens
   * @param signal ends the waiting at once; the promise rejects with its reason
   * @throws {CodeExpired} after five minutes
   * @throws {SignInDeclined} when the customer cancelled
   */
  async signInWithBrowser(open: (url: string) => Promise<void> | void, signal: AbortSignal): Promise<SignedIn> {
    const { http, clock } = this.#options;
    const expired = () => new CodeExpired('Nobody signed in within 5 minutes. Start again with sign-in.');
    return await listenForBrowser({ http, clock, signal, open, expired }, (stopped, openBrowser) =>
      this.#withTenant(stopped, async (metadata) => {
        const client = this.#client(metadata, createMsalNetwork(http, metadata.tokenEndpoint));
        const nonce = randomBytes(32).toString('base64url');
        const result = await client.acquireTokenInteractive({ scopes: this.#scopes, nonce, openBrowser });
        return await this.#verified(client, result, metadata, { nonce });
      }),
    );
  }

  /**
   * Renews the tokens with the refresh token in MSAL's cache.
   * @throws {NotSignedIn} when the tenant wants the customer to sign in again, or names another customer
   */
  async refresh(stored: SignedIn): Promise<SignedIn> {
    return await this.#withTenant(neverAborted, async (metadata) => {
      const client = this.#client(metadata, createMsalNetwork(this.#options.http, metadata.tokenEndpoint));
      const account = await soleAccount(client, stored.msalCache);
      const result = await client.acquireTokenSilent({ scopes: this.#scopes, account, forceRefresh: true });
      return await this.#verified(client, result, metadata, { nonce: undefined, earlier: stored.claims });
    });
  }

  async #withTenant(signal: AbortSignal, work: (metadata: TenantMetadata) => Promise<SignedIn>): Promise<SignedIn> {
    const { config, http } = this.#options;
    try {
      signal.throwIfAborted();
      return await untilAborted(signal, fetchMetadata(config.tenant, http).then(work));
    } catch (error) {
      signal.throwIfAborted();
      throw headlessErrorOf(error);
    }
  }

  #client(metadata: TenantMetadata, network: INetworkModule): PublicClientApplication {
    return createPublicClient(this.#options.config.clientId, metadata, network);
  }

  async #verified(
    client: PublicClientApplication,
    result: AuthenticationResult | null,
    metadata: TenantMetadata,
    signIn: Pick<ExpectedIdToken, 'nonce' | 'earlier'>,
  ): Promise<SignedIn> {
    const expiresAt = Math.min(result?.expiresOn?.getTime() ?? Number.NaN, Date.now() + longestAccessTokenMs);
    if (!result?.idToken || !result.accessToken || Number.isNaN(expiresAt)) {
      throw new NotDone("A token is missing in the tenant's answer. Nobody is signed in by it.");
    }
    const { config, http } = this.#options;
    const keys = new TenantKeys({ metadata: { current: () => metadata }, http, log: silent });
    const { issuer, tenantId } = metadata;
    const expected = { issuer, tenantId, clientId: config.clientId, accessToken: result.accessToken, ...signIn };
    const claims = await validateIdToken(result.idToken, keys.get, expected);
    return {
      claims,
      accessToken: { token: result.accessToken, expiresAt },
      msalCache: client.getTokenCache().serialize(),
    };
  }
}
