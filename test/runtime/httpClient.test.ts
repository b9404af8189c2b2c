import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHttpClient, HttpClientError, type HttpRequest } from '../../src/runtime/httpClient.ts';
import { freePort } from '../support/freePort.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close().closeAllConnections());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const client = createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 1_000 });
const quick = createHttpClient({ timeoutMs: 200, maxBodyBytes: 1_000 });

async function failure(request: HttpRequest, using = client): Promise<Error> {
  const result = await using.request(request).catch((error: unknown) => error);
  if (!(result instanceof HttpClientError)) throw new Error(`No HttpClientError but ${inspect(result)}`);
  return result;
}

describe('a request', () => {
  test('sends method, headers and body, and returns the response as text', async () => {
    const url = await listen(async (req, res) => {
      const body = await text(req);
      res.setHeader('X-Method', `${req.method}`).end(`${req.headers.authorization} ${body}`);
    });
    const headers = { Authorization: 'Bearer a', 'Content-Type': 'application/json' };
    const response = await client.request({ method: 'POST', url, headers, body: '{"a":"ü"}' });
    expect(response).toMatchObject({ status: 200, body: 'Bearer a {"a":"ü"}' });
    expect(response.headers['x-method']).toBe('POST');
  });

  test.each([200, 204, 400, 401, 404, 429, 500, 503])('resolves with the status %i', async (status) => {
    const url = await listen((_req, res) => res.writeHead(status).end());
    expect((await client.request({ method: 'GET', url })).status).toBe(status);
  });

  test('leaves JSON as the text it was, to be checked by a schema', async () => {
    const url = await listen((_req, res) => res.setHeader('Content-Type', 'application/json').end('{"a": 1}'));
    expect((await client.request({ method: 'GET', url })).body).toBe('{"a": 1}');
  });

  test('reuses a connection', async () => {
    const sockets = new Set<unknown>();
    const url = await listen((req, res) => {
      sockets.add(req.socket);
      res.end('ok');
    });
    await client.request({ method: 'GET', url });
    await client.request({ method: 'GET', url });
    expect(sockets.size).toBe(1);
  });

  test('ignores proxy variables of the environment', async () => {
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${await freePort()}`);
    closing.push(() => vi.unstubAllEnvs());
    const url = await listen((_req, res) => res.end('ok'));
    expect((await client.request({ method: 'GET', url })).body).toBe('ok');
  });
});

describe('a response is rejected', () => {
  test.each([301, 302, 303, 307, 308])('when it redirects with %i, and nothing is sent on', async (status) => {
    const reached: string[] = [];
    const elsewhere = await listen((req, res) => {
      reached.push(req.url ?? '');
      res.end();
    });
    const url = await listen((_req, res) => res.writeHead(status, { Location: `${elsewhere}/stolen` }).end());
    const error = await failure({ method: 'POST', url, body: 'client_secret=s3cret' });
    expect(error.message).toMatch(/answered with a redirect/);
    expect(reached).toEqual([]);
  });

  test('when its body is larger than allowed, and one of just that size is not', async () => {
    const url = await listen((req, res) => res.end('x'.repeat(req.url === '/allowed' ? 1_000 : 1_001)));
    expect((await client.request({ method: 'GET', url: `${url}/allowed` })).body).toHaveLength(1_000);
    expect((await failure({ method: 'GET', url })).message).toMatch(/exceeded/);
  });

  test('when its body never ends', async () => {
    const url = await listen((_req, res) => {
      const write = () => void (res.destroyed || res.write('x'.repeat(500), () => setImmediate(write)));
      write();
    });
    expect((await failure({ method: 'GET', url })).message).toMatch(/exceeded/);
  });

  test('when it is too large after decompression', async () => {
    const url = await listen((_req, res) =>
      res.setHeader('Content-Encoding', 'gzip').end(gzipSync('x'.repeat(100_000))),
    );
    expect((await failure({ method: 'GET', url })).message).toMatch(/exceeded/);
  });

  test('when it never begins', async () => {
    const url = await listen(() => {});
    expect((await failure({ method: 'GET', url }, quick)).message).toMatch(/took too long/);
  });

  test('when it drips: the limit is for the whole response, not for the pause between two bytes', async () => {
    const url = await listen((_req, res) => {
      const drip = setInterval(() => res.write('x'), 20);
      res.on('close', () => clearInterval(drip));
    });
    expect((await failure({ method: 'GET', url }, quick)).message).toMatch(/took too long/);
  });

  test('when nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect((await failure({ method: 'GET', url })).message).toMatch(/ECONNREFUSED/);
  });

  test('when the connection closes before the end', async () => {
    const url = await listen((_req, res) => {
      res.writeHead(200, { 'Content-Length': '100' }).write('half', () => res.destroy());
    });
    expect((await failure({ method: 'GET', url })).message).toMatch(/aborted|hang up|ECONNRESET/);
  });
});

test.each(['refused', 'redirected', 'slow', 'cut'])('an error names the origin and no secret when %s', async (kind) => {
  const answers: Record<string, RequestListener> = {
    redirected: (_req, res) => void res.writeHead(302, { Location: '/?code=s3cret' }).end(),
    slow: () => {},
    cut: (req) => void req.socket.destroy(),
  };
  const listener = answers[kind];
  const origin = listener ? await listen(listener) : `http://127.0.0.1:${await freePort()}`;
  const request: HttpRequest = {
    method: 'POST',
    url: `${origin}/token?code=s3cret`,
    headers: { Authorization: 'Bearer s3cret' },
    body: 'client_secret=s3cret',
  };
  const error = await failure(request, quick);
  expect(error.message).toContain(origin);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('s3cret');
});

test('the client gives each address of a name two seconds to connect, not Node’s 250 ms', () => {
  setDefaultAutoSelectFamilyAttemptTimeout(250);
  createHttpClient({ timeoutMs: 8_000, maxBodyBytes: 1024 });
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBe(2_000);
});
