import { type INetworkModule, LogLevel, PublicClientApplication } from '@azure/msal-node';
import type { MsalAuthority } from '../MetadataSource.ts';

/** An MSAL client for one call: whatever a call leaves in its client, such as a remembered failure, would reach the next. */
export function createPublicClient(
  clientId: string,
  authority: MsalAuthority,
  networkClient: INetworkModule,
): PublicClientApplication {
  return new PublicClientApplication({
    auth: { clientId, ...authority },
    system: { networkClient, loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} } },
  });
}
