import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../src/registration/selfSignedCertificate.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const cert = selfSignedCertificate(privateKey, { commonName: 'localhost' }).toString();
const reached: string[] = [];
/** Its certificate is valid, except that nobody trusts its issuer. */
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

test('a server whose certificate is not trusted is sent nothing', async () => {
  const client = createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 1_000 });
  const request = client.request({ method: 'POST', url: `${origin}/token`, body: 'client_secret=s3cret' });
  await expect(request).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/self-signed/) });
  expect(reached).toEqual([]);
  // A client that trusts the certificate is answered.
  await once(get(`${origin}/trusted`, { ca: cert, agent: false }), 'response');
  expect(reached).toEqual(['/trusted']);
});
