import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

/** Imitates App Service's identity endpoint and one vault, over http on this machine. Not verified against Azure. */
export interface KeyVaultDouble {
  readonly url: string;
  /** The token that the identity endpoint issues and the vault accepts. */
  readonly token: string;
  /** The variables by which a process finds the identity endpoint, as on App Service. */
  readonly identity: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** The vault's answer for its certificate; an object is sent as JSON. */
  answer: { readonly status: number; readonly body: unknown };
  /** The number of requests for the certificate. */
  readonly asked: () => number;
  stop(): Promise<void>;
}

/**
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 */
export async function startKeyVaultDouble(certificateName: string): Promise<KeyVaultDouble> {
  const [token, identityHeader] = [randomUUID(), randomUUID()];
  let asked = 0;
  const answerOf = (url: URL, header: (name: string) => unknown): KeyVaultDouble['answer'] => {
    if (url.pathname === '/msi/token') {
      const isOurs = header('x-identity-header') === identityHeader;
      const isForVault = url.searchParams.get('resource') === 'https://vault.azure.net';
      if (!isOurs || !isForVault) return { status: 400, body: { error: 'invalid_request' } };
      const expiresOn = Math.floor(Date.now() / 1000) + 86_400;
      const names = { resource: 'https://vault.azure.net', token_type: 'Bearer' };
      return { status: 200, body: { ...names, access_token: token, expires_on: String(expiresOn) } };
    }
    if (header('authorization') !== `Bearer ${token}`)
      return { status: 401, body: { error: { code: 'Unauthorized' } } };
    const isKnown = url.pathname === `/secrets/${certificateName}` && url.searchParams.get('api-version') === '7.4';
    if (!isKnown) return { status: 404, body: { error: { code: 'SecretNotFound' } } };
    asked += 1;
    return double.answer;
  };
  const server = createServer((request, response) => {
    const { status, body } = answerOf(new URL(request.url ?? '', 'http://localhost'), (name) => request.headers[name]);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  const url = `http://localhost:${typeof address === 'object' && address ? address.port : 0}`;
  const double: KeyVaultDouble = {
    ...{ url, token, identity: { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: identityHeader } },
    answer: { status: 500, body: {} },
    asked: () => asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return double;
}
