import { createPublicKey, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';

export interface KeyIssuer {
  readonly origin: string;
  /** Whether it answers; otherwise it fails with 500. */
  isUp: boolean;
  stop(): void;
}

/** A second issuer on this machine, of which only the metadata and one key can be read. */
export async function startKeyIssuer(privateKey: KeyObject): Promise<KeyIssuer> {
  const key = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: 'one', alg: 'RS256' };
  const server = createServer((request, response) => {
    const metadata = { issuer: issuer.origin, jwks_uri: `${issuer.origin}/keys` };
    response.statusCode = issuer.isUp ? 200 : 500;
    response.end(JSON.stringify(request.url === '/keys' ? { keys: [key] } : metadata));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  const issuer = {
    origin: `http://localhost:${typeof address === 'object' ? address?.port : 0}`,
    isUp: true,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return issuer;
}
