import { type INetworkModule, LogLevel, PublicClientApplication } from '@azure/msal-node';
import type { TenantMetadata } from '../MetadataSource.ts';

/** MSAL's client for one call: what one call leaves in a client, such as a remembered failure, would reach the next. */
export function createPublicClient(
  clientId: string,
  {
    authority,
    knownAuthority,
    authorityMetadata,
  }: Pick<TenantMetadata, 'authority' | 'knownAuthority' | 'authorityMetadata'>,
  networkClient: INetworkModule,
): PublicClientApplication {
  return new PublicClientApplication({
    auth: { clientId, authority, knownAuthorities: [knownAuthority], authorityMetadata },
    system: { networkClient, loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} } },
  });
}
