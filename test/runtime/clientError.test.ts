import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, serve } from '../../src/runtime/serve.ts';

let running: RunningServer;
const logged: string[] = [];
let finishSlow = () => {};

beforeAll(async () => {
  const app = express();
  app.get('/begun', (_request, response) => {
    response.write('half');
    finishSlow = () => response.end();
  });
  app.post('/waiting', () => {});
  app.get('/', (_request, response) => void response.send('well'));
  const log = { warn: (message: string) => void logged.push(message) };
  running = await serve(app, { port: 0, host: '127.0.0.1', log });
});
afterAll(() => running.stop());

async function open(): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect({ port: running.port, host: '127.0.0.1' });
  let text = '';
  socket.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, received: () => text };
}

/** Sends raw bytes and reads until the server closes the connection. */
async function answerTo(bytes: string): Promise<string> {
  const { socket, received } = await open();
  socket.write(bytes);
  await once(socket, 'close');
  return received();
}

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', '400 Bad Request'],
  ['HTTP/0.9', 'GET /\r\n\r\n', '400 Bad Request'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', '400 Bad Request'],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: gold\r\n\r\n', '417 Expectation Failed'],
  ['a target without a path', 'GET foo://x HTTP/1.1\r\nHost: a\r\n\r\n', '400 Bad Request'],
  [
    'a header of 20 KB',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    '431 Request Header Fields Too Large',
  ],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', '400 Bad Request'],
  [
    'garbage before the response has begun',
    'POST /waiting HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    '400 Bad Request',
  ],
])('%s is answered with the security headers', async (_what, bytes, status) => {
  const answer = await answerTo(bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\n`));
  expect(answer).toContain(
    "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
  );
  expect(answer).toContain('Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n');
  expect(answer).toContain('X-Content-Type-Options: nosniff\r\n');
  expect(answer).toContain('Cache-Control: no-store\r\n');
  expect(answer).toContain('Connection: close\r\n');
});

test('a header that is too large is answered with a text for a person, and logged once', async () => {
  logged.length = 0;
  const answer = await answerTo(`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toContain('Content-Type: text/plain; charset=utf-8');
  expect(head).toContain(`Content-Length: ${body.length}`);
  expect(body).toContain('delete the cookies of this site');
  expect(logged).toEqual(['Request refused: its headers are too large']);
});

test('garbage behind a response in progress closes the connection instead of writing into it', async () => {
  const { socket, received } = await open();
  socket.write('GET /begun HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  socket.write('\0garbage\r\n\r\n');
  await once(socket, 'close');
  expect(received()).toContain('half');
  expect(received().match(/HTTP\/1\.1/g)).toHaveLength(1);
  finishSlow();
});

test('garbage behind a queued response closes the connection', async () => {
  const { socket, received } = await open();
  socket.write('GET /begun HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\0garbage\r\n\r\n');
  await once(socket, 'close');
  expect(received().match(/HTTP\/1\.1 400/g)).toBeNull();
  finishSlow();
});

test('garbage behind a finished response gets its own response', async () => {
  const { socket, received } = await open();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  socket.write('\0garbage\r\n\r\n');
  await once(socket, 'close');
  expect(received().match(/HTTP\/1\.1 (?:200|400)/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
});
