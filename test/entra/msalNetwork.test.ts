import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { INetworkModule } from '@azure/msal-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMsalNetwork, TokenEndpointError } from '../../src/entra/msalNetwork.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';

const maxBodyBytes = 256 * 1024;
const secret = 'client_secret=very-secret-value';
const perfect = JSON.stringify({ token_type: 'Bearer', access_token: 'at', id_token: 'it', expires_in: 3600 });
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let handler: Handler;
let seen: { url: string | undefined; body: string }[] = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  seen.push({ url: request.url, body });
  handler(request, response);
});
let endpoint: string;
let network: INetworkModule;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${portOf(server.address())}/tenant/oauth2/v2.0/token`;
});
beforeEach(() => {
  seen = [];
  network = createMsalNetwork(createHttpClient({ timeoutMs: 2_000, maxBodyBytes }), endpoint);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address ? address.port : 0;
}

function answers(status: number, body: string | Buffer, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

const post = (url = endpoint) =>
  network.sendPostRequestAsync(url, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=authorization_code&${secret}`,
  });

async function refusal(work: Promise<unknown>): Promise<TokenEndpointError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TokenEndpointError)) throw new Error(`not a TokenEndpointError: ${error}`);
  const told = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n');
  expect(told).not.toContain('very-secret-value');
  return error;
}

describe('the network module for MSAL', () => {
  it.each([
    ['Bearer', perfect],
    ['bEARER', perfect.replace('Bearer', 'bEARER')],
  ])('passes on tokens of type %s', async (_type, body) => {
    handler = answers(200, body, { 'x-ms-request-id': 'r-1' });
    const answer = await post(`${endpoint}?client-request-id=1`);
    expect(answer).toMatchObject({ status: 200, body: JSON.parse(body), headers: { 'x-ms-request-id': 'r-1' } });
    expect(seen).toEqual([
      {
        url: '/tenant/oauth2/v2.0/token?client-request-id=1',
        body: `grant_type=authorization_code&${secret}`,
      },
    ]);
  });

  it.each([400, 401])('passes on an OAuth error of status %i', async (status) => {
    const body = { error: 'invalid_grant', error_description: 'AADSTS70008: the code has expired' };
    handler = answers(status, JSON.stringify(body));
    expect(await post()).toMatchObject({ status, body });
  });

  it.each([
    ['500 with a perfect body', 500, perfect, undefined, undefined],
    ['503 with HTML', 503, '<html>', undefined, undefined],
    ['429 with Retry-After 30', 429, '{"error":"too_many"}', '30', 30],
    ['429 with Retry-After 3600, of which 300 are passed on', 429, '', '3600', 300],
    ['429 with Retry-After that is no number', 429, '', 'soon', undefined],
    ['429 with a negative Retry-After', 429, '', '-5', undefined],
    ['429 with an endless Retry-After', 429, '', '99999999999', undefined],
    ['429 with a date', 429, '', 'Fri, 31 Dec 2027 23:59:59 GMT', undefined],
  ])('says unavailable for %s', async (_name, status, body, retryAfter, retryAfterSeconds) => {
    handler = answers(status, body, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    expect(await refusal(post())).toMatchObject({ kind: 'unavailable', retryAfterSeconds });
  });

  it.each([
    ['HTML', 200, '<html><body>Sign in</body></html>'],
    ['nothing', 200, ''],
    ['null', 200, 'null'],
    ['a list', 200, '[]'],
    ['a list with tokens', 200, `[${perfect}]`],
    ['a number', 200, '5'],
    ['half an answer', 200, perfect.slice(0, 40)],
    ['token_type mac', 200, perfect.replace('Bearer', 'mac')],
    ['token_type Bearer and more', 200, perfect.replace('Bearer', 'Bearer, mac')],
    ['token_type as a list', 200, perfect.replace('"Bearer"', '["Bearer"]')],
    ['an access token that is a number', 200, perfect.replace('"at"', '5')],
    ['an ID token that is a list', 200, perfect.replace('"it"', '["it"]')],
    ['a refresh token that is an object', 200, perfect.replace('{', '{"refresh_token":{},')],
    ['an access token that is null', 200, perfect.replace('"at"', 'null')],
    ['no token_type', 200, '{"access_token":"at","id_token":"it"}'],
    ['an error with status 200', 200, '{"error":"invalid_grant"}'],
    ['400 with HTML', 400, '<html>'],
    ['400 with tokens', 400, perfect],
    ['404 with nothing', 404, ''],
    ['an error that is no text', 400, '{"error":{}}'],
    ['201 with tokens', 201, perfect],
  ])('says invalid for %s', async (_name, status, body) => {
    handler = answers(status, body);
    expect(await refusal(post())).toMatchObject({ kind: 'invalid' });
  });

  it.each([302, 307, 308])('follows no redirect with the secret: %i', async (status) => {
    handler = answers(status, perfect, { location: `${endpoint}/elsewhere` });
    expect(await refusal(post())).toMatchObject({ kind: 'invalid' });
    expect(seen).toHaveLength(1);
  });

  it('reads no more than the cap', async () => {
    handler = answers(200, JSON.stringify({ token_type: 'Bearer', padding: 'x'.repeat(maxBodyBytes) }));
    expect(await refusal(post())).toMatchObject({ kind: 'invalid' });
  });

  it('unpacks no more than the cap', async () => {
    const bomb = gzipSync(JSON.stringify({ token_type: 'Bearer', padding: 'x'.repeat(40 * maxBodyBytes) }));
    expect(bomb.length).toBeLessThan(maxBodyBytes);
    handler = answers(200, bomb, { 'content-encoding': 'gzip' });
    expect(await refusal(post())).toMatchObject({ kind: 'invalid' });
  });

  it('does not wait for an answer that drips', async () => {
    network = createMsalNetwork(createHttpClient({ timeoutMs: 200, maxBodyBytes }), endpoint);
    handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(' ');
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    };
    expect(await refusal(post())).toMatchObject({ kind: 'unavailable' });
  });

  it('says unavailable when the connection is cut', async () => {
    handler = (request) => void request.socket.destroy();
    expect(await refusal(post())).toMatchObject({ kind: 'unavailable' });
  });

  it('says unavailable when nobody listens', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${portOf(gone.address())}/token`;
    await new Promise((resolve) => gone.close(resolve));
    network = createMsalNetwork(createHttpClient({ timeoutMs: 2_000, maxBodyBytes }), url);
    expect(await refusal(post(url))).toMatchObject({ kind: 'unavailable' });
  });

  it.each(['/extra', '/../authorize', '%2e'])('posts nowhere else: %s', async (suffix) => {
    handler = answers(200, perfect);
    expect(await refusal(post(endpoint + suffix))).toMatchObject({ kind: 'invalid' });
    expect(await refusal(post('http://localhost:1/tenant/oauth2/v2.0/token'))).toMatchObject({ kind: 'invalid' });
    expect(seen).toEqual([]);
  });

  it('reads nothing', async () => {
    handler = answers(200, perfect);
    expect(await refusal(network.sendGetRequestAsync(endpoint))).toMatchObject({ kind: 'invalid' });
    expect(seen).toEqual([]);
  });
});
