import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSignedCertificate, toPem } from '../../src/runtime/certificate.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const cert = toPem(selfSignedCertificate(privateKey, publicKey, 'localhost', { hosts: ['localhost'] }));
const reached: string[] = [];
/** Its certificate is sound but for its issuer, which nobody knows. */
const server = createServer({ key: privateKey.export({ type: 'pkcs8', format: 'pem' }), cert }, (request, response) => {
  reached.push(String(request.url));
  response.end();
});
let origin: string;

beforeAll(async () => {
  await once(server.listen(0, 'localhost'), 'listening');
  const address = server.address();
  origin = `https://localhost:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => {
  server.close().closeAllConnections();
});

test('a server whose certificate nobody vouches for is sent nothing', async () => {
  const client = createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 1_000 });
  const request = client.request({ method: 'POST', url: `${origin}/token`, body: 'client_secret=s3cret' });
  await expect(request).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/self-signed/) });
  expect(reached).toEqual([]);
  // Who trusts it is answered.
  await once(get(`${origin}/trusted`, { ca: cert, agent: false }), 'response');
  expect(reached).toEqual(['/trusted']);
});
