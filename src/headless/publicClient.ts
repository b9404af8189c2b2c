import { type AccountInfo, type INetworkModule, LogLevel, PublicClientApplication } from '@azure/msal-node';
import type { TenantMetadata } from '../entra/metadata.ts';
import { NotSignedIn } from './errors.ts';

/** MSAL's client for one call: what one call leaves in a client, such as a remembered failure, would reach the next. */
export function createPublicClient(
  clientId: string,
  { authority, knownAuthority, authorityMetadata }: TenantMetadata,
  networkClient: INetworkModule,
): PublicClientApplication {
  return new PublicClientApplication({
    auth: { clientId, authority, knownAuthorities: [knownAuthority], authorityMetadata },
    system: { networkClient, loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} } },
  });
}

/** Puts a stored cache into a client. @throws {NotSignedIn} when it does not hold exactly one customer */
export async function soleAccount(client: PublicClientApplication, msalCache: string): Promise<AccountInfo> {
  const cannot = 'What is stored of the sign-in cannot be renewed. Sign in again.';
  try {
    client.getTokenCache().deserialize(msalCache);
  } catch (cause) {
    throw new NotSignedIn(cannot, { cause });
  }
  const [account, ...others] = await client.getTokenCache().getAllAccounts();
  if (!account || others.length > 0) throw new NotSignedIn(cannot);
  return account;
}
