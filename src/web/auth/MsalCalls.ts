import { ConfidentialClientApplication, LogLevel, type TokenCache } from '@azure/msal-node';
import type { ClientCredential, CredentialSource } from '../../entra/credentials/credential.ts';
import { TenantAnswerInvalid } from '../../entra/issuedTokens.ts';
import { type TenantMetadata, TenantUnavailable } from '../../entra/MetadataSource.ts';
import { msalFailure } from '../../entra/msalFailure.ts';
import { createMsalNetwork } from '../../entra/msalNetwork.ts';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { AppRefused, SignInRequired } from './errors.ts';

export interface MsalCallsOptions {
  readonly clientId: string;
  readonly credentials: Pick<CredentialSource, 'advice' | 'current' | 'renew'>;
  readonly http: HttpClient;
}

/** Makes the error for a grant that the tenant no longer accepts: a used code, a revoked refresh token. */
type Refused = (cause: Error) => Error;
type Work<Result> = (client: ConfidentialClientApplication) => Promise<Result>;

/** What MSAL returned, and its cache of this customer alone. */
export interface MsalAnswer<Result> {
  readonly result: Result;
  readonly cache: TokenCache;
}

/**
 * Calls MSAL with a client of its own for each call, because a shared one mixes customers' tokens and lets one
 * customer's failed request block everybody's.
 * @see https://github.com/AzureAD/microsoft-authentication-library-for-js/pull/8756
 */
export class MsalCalls {
  readonly #options: MsalCallsOptions;

  constructor(options: MsalCallsOptions) {
    this.#options = options;
  }

  /**
   * Calls MSAL; once more with a newer credential if the tenant refuses the app's.
   * @throws {CredentialUnavailable} while the app has no credential
   * @throws {TenantUnavailable | AppRefused | TenantAnswerInvalid} in place of MSAL's own errors
   */
  async call<Result>(metadata: TenantMetadata, refused: Refused, work: Work<Result>): Promise<MsalAnswer<Result>> {
    const { credentials } = this.#options;
    const credential = await credentials.current();
    try {
      return await this.#attempt(metadata, credential, refused, work);
    } catch (error) {
      if (!(error instanceof AppRefused) || !(await credentials.renew(credential))) throw error;
      return await this.#attempt(metadata, await credentials.current(), refused, work);
    }
  }

  async #attempt<Result>(
    metadata: TenantMetadata,
    credential: ClientCredential,
    refused: Refused,
    work: Work<Result>,
  ): Promise<MsalAnswer<Result>> {
    try {
      const client = this.#createClient(metadata, credential);
      return { result: await work(client), cache: client.getTokenCache() };
    } catch (error) {
      throw error instanceof SignInRequired ? error : this.#translated(error, refused);
    }
  }

  #createClient(metadata: TenantMetadata, credential: ClientCredential): ConfidentialClientApplication {
    const { msalAuthority, tokenEndpoint } = metadata;
    const { clientId, http } = this.#options;
    return new ConfidentialClientApplication({
      auth: { clientId, ...credential, ...msalAuthority },
      system: {
        networkClient: createMsalNetwork(http, tokenEndpoint),
        loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} },
      },
    });
  }

  #translated(error: unknown, refused: Refused): Error {
    const { kind, summary, retryAfterSeconds } = msalFailure(error);
    switch (kind) {
      case 'unavailable':
        return new TenantUnavailable(summary, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
      case 'appRefused':
        return new AppRefused(`the tenant refuses this app (${summary}): ${this.#options.credentials.advice}`);
      case 'grantRefused':
        return refused(new Error(summary));
      case 'requestRefused':
        return new AppRefused(`the tenant refuses what this app asks for (${summary}): see docs/troubleshooting.md`);
      case 'invalid':
        return new TenantAnswerInvalid(summary);
    }
  }
}
