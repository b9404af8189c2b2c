import { type INetworkModule, LogLevel, PublicClientApplication } from '@azure/msal-node';
import type { TenantMetadata } from '../MetadataSource.ts';

/** An MSAL client for one call: whatever a call leaves in its client, such as a remembered failure, would reach the next. */
export function createPublicClient(
  clientId: string,
  metadata: Pick<TenantMetadata, 'authority' | 'knownAuthority' | 'authorityMetadata'>,
  networkClient: INetworkModule,
): PublicClientApplication {
  const { authority, knownAuthority, authorityMetadata } = metadata;
  return new PublicClientApplication({
    auth: { clientId, authority, knownAuthorities: [knownAuthority], authorityMetadata },
    system: { networkClient, loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} } },
  });
}
