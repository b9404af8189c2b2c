import { once } from 'node:events';
import { request, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type Express, Router } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAppServer } from '../../src/runtime/serve.ts';

// The server creates requests and responses in a way of its own, for speed; nobody outside may notice.

function sampleApp(): Express {
  const app = express();
  app.set('trust proxy', 1);
  app.get('/text', (_req, res) => void res.send('hello'));
  app.get('/seen', (req, res) => {
    const { path, query, ip, protocol, hostname, originalUrl } = req;
    res.json({ path, query, ip, protocol, hostname, originalUrl, accepts: req.accepts('html', 'json') });
  });
  app.post('/json', express.json({ limit: 100 }), (req, res) => void res.status(201).json(req.body));
  app.post('/form', express.urlencoded({ extended: false }), (req, res) => void res.json(req.body));
  app.get('/cookies', (_req, res) => {
    res.cookie('a', '1', { httpOnly: true, sameSite: 'lax' }).clearCookie('b').vary('Accept').type('txt').send('set');
  });
  app.get('/redirect', (_req, res) => res.redirect(303, '/text?a=b c'));
  app.get('/throws', () => {
    throw new Error('thrown');
  });
  app.get('/rejects', async () => {
    throw new Error('rejected');
  });
  const router = Router({ mergeParams: true });
  router.get('/items/:id', (req, res) => void res.json({ ...req.params, baseUrl: req.baseUrl, url: req.url }));
  app.use('/shops/:shop', router);
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ message: error.message });
  };
  return app.use((_req, res) => void res.status(404).send('nothing here')).use(onError);
}

const requests: [string, string, { headers?: Record<string, string>; body?: string }][] = [
  ['GET', '/text', {}],
  ['HEAD', '/text', {}],
  ['OPTIONS', '/text', {}],
  ['GET', '/text', { headers: { 'If-None-Match': 'W/"5-qvTGHdzF6KLavt4PO0gs2a6pQ00"' } }],
  ['GET', '/seen?a=1&a=2', { headers: { Host: 'www.example.com', Accept: 'application/json' } }],
  ['GET', '/seen', { headers: { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' } }],
  ['POST', '/json', { headers: { 'Content-Type': 'application/json' }, body: '{"a":[1,"ü"]}' }],
  ['POST', '/json', { headers: { 'Content-Type': 'application/json' }, body: '{"a":' }],
  ['POST', '/json', { headers: { 'Content-Type': 'application/json' }, body: `"${'x'.repeat(200)}"` }],
  ['POST', '/form', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'a=1&b=x+y&a=2' }],
  ['GET', '/cookies', {}],
  ['GET', '/redirect', {}],
  ['GET', '/throws', {}],
  ['GET', '/rejects', {}],
  ['GET', '/shops/7/items/8?x=1', {}],
  ['GET', '/missing', {}],
  ['DELETE', '/text', {}],
  ['GET', '/shops/%E0%A4%A/items/8', {}],
];

describe('createAppServer', () => {
  let plain: Server;
  let ours: Server;

  beforeAll(async () => {
    plain = sampleApp().listen(0, '127.0.0.1');
    ours = createAppServer(sampleApp()).listen(0, '127.0.0.1');
    await Promise.all([plain, ours].map((server) => server.listening || once(server, 'listening')));
  });

  afterAll(() => [plain, ours].forEach((server) => void server.close()));

  test.each(requests)("answers %s %s like Express' own", async (method, path, sent) => {
    const expected = await exchange(plain, method, path, sent);
    expect(await exchange(ours, method, path, sent)).toEqual(expected);
  });
});

async function exchange(
  server: Server,
  method: string,
  path: string,
  { headers, body }: { headers?: Record<string, string>; body?: string },
) {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  // Without a fixed Host the two ports would be the difference.
  const sent = request({ host: '127.0.0.1', port, method, path, headers: { Host: 'localhost', ...headers } }).end(body);
  const [response] = await once(sent, 'response');
  const received = await new Response(response).text();
  const { date, 'keep-alive': keepAlive, ...rest } = response.headers;
  expect([typeof date, typeof keepAlive]).toEqual(['string', 'string']);
  return { status: response.statusCode, message: response.statusMessage, headers: rest, body: received };
}
