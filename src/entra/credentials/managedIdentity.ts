import { type INetworkModule, LogLevel, ManagedIdentityApplication } from '@azure/msal-node';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { CredentialUnavailable } from './credential.ts';

/**
 * Gets a token for an Azure resource as this machine's system-assigned identity, on App Service or a virtual machine.
 * @param resource such as `https://vault.azure.net`
 * @throws {CredentialUnavailable} when this machine has no identity, or the identity does not answer
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export async function managedIdentityToken(resource: string, http: HttpClient): Promise<string> {
  const application = new ManagedIdentityApplication({
    system: {
      networkClient: identityNetwork(http),
      disableInternalRetries: true,
      loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} },
    },
  });
  try {
    // Forced, because MSAL caches tokens for the whole process and we need one only a few times a day.
    return (await application.acquireToken({ resource, forceRefresh: true })).accessToken;
  } catch (cause) {
    const advice = 'turn on the system-assigned managed identity of the app in Azure';
    throw new CredentialUnavailable(`there is no managed identity that gives a token; ${advice}`, { cause });
  }
}

/** Not `createMsalNetwork`: MSAL chooses the identity's address, and its responses are not OAuth's. */
function identityNetwork(http: HttpClient): INetworkModule {
  const ask = async (method: 'GET' | 'POST', url: string, headers: Record<string, string> = {}, text?: string) => {
    const answer = await http.request({ method, url, headers, ...(text !== undefined && { body: text }) });
    return { status: answer.status, headers: { ...answer.headers }, body: JSON.parse(answer.body) };
  };
  return {
    sendGetRequestAsync: (url, options) => ask('GET', url, options?.headers),
    sendPostRequestAsync: (url, options) => ask('POST', url, options?.headers, options?.body),
  };
}
