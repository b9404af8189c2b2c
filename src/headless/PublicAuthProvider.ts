import { randomBytes } from 'node:crypto';
import type { AuthenticationResult, INetworkModule, PublicClientApplication } from '@azure/msal-node';
import { tenantAuthority } from '../entra/authority.ts';
import type { ExpectedIdToken } from '../entra/idToken.ts';
import { type IssuedTokens, loadSoleAccount, todoScopes, verifyIssuedTokens } from '../entra/issuedTokens.ts';
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
import { CodeExpired, NotSignedIn } from './errors.ts';
import { tenantErrorOf } from './tenantErrors.ts';

/** What the customer needs to sign in on another device. */
export interface DeviceCode {
  readonly userCode: string;
  /** The tenant's own page. The page that Entra names refuses customers. */
  readonly verificationPage: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

interface PublicAuthProviderOptions {
  readonly config: Pick<HeadlessConfig, 'tenant' | 'clientId' | 'todoApiClientId'>;
  readonly http: HttpClient;
  /** Default: the system's. */
  readonly clock?: WaitingClock;
}

/** Errors are thrown, not logged. */
const silent = createLogger('headless', 'text', () => {});
const neverAborted = new AbortController().signal;

/**
 * Signs the customer in as a public client, which has no secret. It takes and returns values and keeps nothing between
 * calls; each call has an MSAL client of its own.
 * Every method throws {@link Unavailable} when the tenant cannot answer, and {@link NotDone} when the tenant refuses the
 * app or its tokens are not valid.
 */
export class PublicAuthProvider {
  readonly #options: Required<PublicAuthProviderOptions>;
  readonly #scopes: string[];

  constructor({ config, http, clock = systemClock }: PublicAuthProviderOptions) {
    this.#options = { config, http, clock };
    this.#scopes = todoScopes(config.todoApiClientId);
  }

  /**
   * Shows the customer a code for the tenant's page and waits until it has been used there.
   * @param signal stops the wait at once; the promise rejects with its reason
   * @throws {CodeExpired | SignInDeclined}
   * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
   */
  async signInWithDeviceCode(show: (code: DeviceCode) => void, signal: AbortSignal): Promise<IssuedTokens> {
    const { http, clock, config } = this.#options;
    return await this.#withTenant(signal, async (metadata) => {
      const { tokenEndpoint } = metadata;
      const client = this.#client(metadata, createDeviceNetwork({ http, clock, signal, tokenEndpoint }));
      const result = await client.acquireTokenByDeviceCode({
        scopes: this.#scopes,
        deviceCodeCallback: ({ userCode, expiresIn }) =>
          show({
            userCode,
            verificationPage: `${tenantAuthority(config.tenant).origin}/common/oauth2/deviceauth`,
            expiresAt: Date.now() + expiresIn * 1000,
          }),
      });
      // No nonce: the device flow has no authorization request that could carry one.
      return await this.#verified(client, result, metadata, { nonce: undefined });
    });
  }

  /**
   * Signs in with a browser on this machine, which brings the code back to a local port.
   * @param open gets the address to open; the customer may also open it in another browser on this machine
   * @param signal as above
   * @throws {CodeExpired | SignInDeclined}
   */
  async signInWithBrowser(open: (url: string) => Promise<void> | void, signal: AbortSignal): Promise<IssuedTokens> {
    const { http, clock } = this.#options;
    const expired = () => new CodeExpired('Nobody signed in within 5 minutes. Start again: todo sign-in --browser');
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
  async refresh(stored: IssuedTokens): Promise<IssuedTokens> {
    return await this.#withTenant(neverAborted, async (metadata) => {
      const client = this.#client(metadata, createMsalNetwork(this.#options.http, metadata.tokenEndpoint));
      const account = await loadSoleAccount(client.getTokenCache(), stored.msalCache);
      if (!account) throw new NotSignedIn('The stored sign-in cannot be renewed. Sign in again: todo sign-in');
      const result = await client.acquireTokenSilent({ scopes: this.#scopes, account, forceRefresh: true });
      return await this.#verified(client, result, metadata, { nonce: undefined, earlier: stored.claims });
    });
  }

  async #withTenant<Result>(signal: AbortSignal, work: (metadata: TenantMetadata) => Promise<Result>): Promise<Result> {
    const { config, http } = this.#options;
    try {
      signal.throwIfAborted();
      return await untilAborted(signal, fetchMetadata(config.tenant, http).then(work));
    } catch (error) {
      signal.throwIfAborted();
      throw tenantErrorOf(error);
    }
  }

  #client(metadata: TenantMetadata, network: INetworkModule): PublicClientApplication {
    return createPublicClient(this.#options.config.clientId, metadata.msalAuthority, network);
  }

  async #verified(
    client: PublicClientApplication,
    result: AuthenticationResult | null,
    metadata: TenantMetadata,
    signIn: Pick<ExpectedIdToken, 'nonce' | 'earlier'>,
  ): Promise<IssuedTokens> {
    const { config, http } = this.#options;
    const keys = new TenantKeys({ metadata: { current: () => metadata }, http, log: silent });
    const expected = { issuer: metadata.issuer, tenantId: metadata.tenantId, clientId: config.clientId, ...signIn };
    return await verifyIssuedTokens(result, client.getTokenCache(), keys.get, expected);
  }
}
