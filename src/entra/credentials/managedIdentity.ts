import { type INetworkModule, LogLevel, ManagedIdentityApplication } from '@azure/msal-node';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { CredentialUnavailable } from './credential.ts';

/**
 * A token for an Azure resource, as the machine's own identity: the system-assigned one of App Service, or of a
 * virtual machine.
 * @param resource such as `https://vault.azure.net`
 * @throws {CredentialUnavailable} when this machine has no identity, or it does not answer
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
    // Forced, because MSAL keeps tokens for the whole process and this is asked for a few times a day only.
    return (await application.acquireToken({ resource, forceRefresh: true })).accessToken;
  } catch (cause) {
    const advice = 'turn on the system-assigned managed identity of the app in Azure';
    throw new CredentialUnavailable(`there is no managed identity that gives a token; ${advice}`, { cause });
  }
}

/** Not entra's `createMsalNetwork`: where the identity answers is for MSAL to know, and its answers are no OAuth ones. */
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
