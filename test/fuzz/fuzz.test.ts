import { createServer, type RequestListener, type Server } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Fuzzes a server with a batch of requests for /0 to /9. */
async function fuzzed(answer: RequestListener) {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const requests = fc.nat(9).map((at) => ({ url, method: 'GET', path: `/${at}`, headers: {} }));
  return await fuzz({ requests, perSecond: 100, seed: 1, forMs: 0 });
}

describe('fuzz', () => {
  test('counts the statuses and reports no failure below 500', async () => {
    const { statuses, failures } = await fuzzed((_request, response) => void response.writeHead(404).end());
    expect([...statuses.keys(), ...failures]).toEqual(['404']);
    expect(statuses.get('404')).toBe(100);
  });

  test('finds the request that a program answers with a 5xx', async () => {
    const { statuses, failures } = await fuzzed((request, response) => {
      response.writeHead(request.url === '/7' ? 503 : 200).end();
    });
    expect([...statuses.keys()].sort()).toEqual(['200', '503']);
    expect(new Set(failures)).toEqual(new Set(['503: {"method":"GET","path":"/7","headers":{}}']));
  });

  test('counts a closed connection', async () => {
    const { statuses } = await fuzzed((request) => void request.socket.destroy());
    expect([...statuses.keys()]).toEqual(['cut']);
  });
});
