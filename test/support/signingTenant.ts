import { generateKeyPair, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface SigningKey extends KeyPair {
  readonly kid: string;
}

/** A tenant that only publishes its discovery document and keys, and signs whatever a test wants signed. */
export interface SigningTenant {
  readonly tenantId: string;
  readonly origin: string;
  readonly metadataUrl: string;
  /** What discovery says; a test may change it. */
  readonly discovery: Record<string, unknown>;
  /** What the key set holds; a test may change it. */
  readonly keys: object[];
  /** The paths that were asked for. */
  readonly requests: string[];
  /** `away` cuts every connection, `silent` never answers, a number answers with that status, `redirect` points elsewhere. */
  mood: 'well' | 'away' | 'silent' | 'redirect' | number;
  key: SigningKey;
  /** Puts a new key beside the others and signs with it from now on. */
  rotate(): Promise<void>;
  /** Signs any claims, right or wrong, with RS256, whatever the header says. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): string;
  stop(): Promise<void>;
}

export async function startSigningTenant(): Promise<SigningTenant> {
  const tenantId = randomUUID();
  const requests: string[] = [];
  const keys: object[] = [];
  const discovery: Record<string, unknown> = {};
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    if (tenant.mood === 'away') return request.socket.destroy();
    if (tenant.mood === 'silent') return undefined;
    if (tenant.mood === 'redirect') return response.writeHead(302, { location: `${path}?again` }).end();
    const known = path.endsWith('/openid-configuration') ? discovery : { keys };
    response.writeHead(typeof tenant.mood === 'number' ? tenant.mood : 200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(known));
  });
  const origin = await listen(server);
  Object.assign(discovery, discoveryOf(origin, tenantId));
  const tenant: SigningTenant = {
    tenantId,
    origin,
    metadataUrl: `${origin}/${tenantId}/v2.0/.well-known/openid-configuration`,
    discovery,
    keys,
    requests,
    mood: 'well',
    key: await newKey(keys),
    async rotate() {
      this.key = await newKey(keys);
    },
    sign(claims, header = {}) {
      return signed(this.key, { typ: 'JWT', alg: 'RS256', kid: this.key.kid, ...header }, claims);
    },
    stop: () => close(server),
  };
  return tenant;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function signed(key: SigningKey, ...parts: readonly object[]): string {
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

function discoveryOf(origin: string, tenantId: string) {
  return {
    issuer: `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`,
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    end_session_endpoint: `${origin}/${tenantId}/oauth2/v2.0/logout`,
    scopes_supported: ['openid'],
  };
}

async function newKey(keys: object[]): Promise<SigningKey> {
  const { publicKey, privateKey } = await nextKeyPair();
  const kid = randomUUID();
  // As Entra publishes them: without "alg".
  keys.push({ ...publicKey.export({ format: 'jwk' }), use: 'sig', kid });
  return { kid, publicKey, privateKey };
}

const generate = promisify(generateKeyPair);
const keyPairs: Promise<KeyPair>[] = [];
let taken = 0;

/** One of eight key pairs, in turn: an RSA key takes a quarter of a second to generate, and every test needs one. */
async function nextKeyPair(): Promise<KeyPair> {
  const index = taken % 8;
  taken += 1;
  keyPairs[index] ??= generate('rsa', { modulusLength: 2048 });
  return await keyPairs[index];
}
