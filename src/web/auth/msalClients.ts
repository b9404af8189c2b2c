import { ConfidentialClientApplication, LogLevel } from '@azure/msal-node';
import type { ClientCredential, CredentialSource } from '../../entra/credentials/credential.ts';
import type { TenantMetadata } from '../../entra/MetadataSource.ts';
import { createMsalNetwork } from '../../entra/msalNetwork.ts';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { AppRefused } from './errors.ts';

export interface MsalClientOptions {
  readonly clientId: string;
  readonly credentials: Pick<CredentialSource, 'advice' | 'current' | 'renew'>;
  readonly http: HttpClient;
}

/**
 * Does some work with an MSAL client of its own, which has the app's credential; and once more with a newer one if the
 * tenant refuses that. A client is not shared, because MSAL mixes customers' tokens in it and lets one customer's
 * failed request block everybody's.
 * @throws {CredentialUnavailable} while the app has no credential
 * @see https://github.com/AzureAD/microsoft-authentication-library-for-js/pull/8756
 */
export async function withMsalClient<Result>(
  options: MsalClientOptions,
  metadata: TenantMetadata,
  work: (client: ConfidentialClientApplication) => Promise<Result>,
): Promise<Result> {
  const { credentials } = options;
  const credential = await credentials.current();
  try {
    return await work(createClient(options, metadata, credential));
  } catch (error) {
    if (!(error instanceof AppRefused) || !(await credentials.renew(credential))) throw error;
    return await work(createClient(options, metadata, await credentials.current()));
  }
}

function createClient(
  { clientId, http }: MsalClientOptions,
  { authority, knownAuthority, authorityMetadata, tokenEndpoint }: TenantMetadata,
  credential: ClientCredential,
): ConfidentialClientApplication {
  return new ConfidentialClientApplication({
    auth: { clientId, ...credential, authority, knownAuthorities: [knownAuthority], authorityMetadata },
    system: {
      networkClient: createMsalNetwork(http, tokenEndpoint),
      loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} },
    },
  });
}
