import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAppServer } from '../../src/runtime/serve.ts';
import type { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem, until } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

const records = new WatchedKeyValueStore();
let system: System;
const unheard: unknown[] = [];
const onUnheard = (reason: unknown) => void unheard.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', onUnheard);
  system = await startSystem({}, records);
});
afterAll(async () => {
  await system.stop();
  process.off('unhandledRejection', onUnheard);
});

/** Opens a connection to the web app (or another port) and sends some text. */
async function open(text: string, port = Number(new URL(system.webUrl).port)): Promise<Socket> {
  const socket = connect({ port, host: 'localhost' }).on('error', () => {});
  await once(socket, 'connect');
  if (text !== '') await new Promise<void>((sent) => socket.write(text, () => sent()));
  return socket;
}

describe('a slow client', () => {
  /** The same server with shorter timeouts, to speed up the test. */
  let server: Server;
  let port: number;
  beforeAll(async () => {
    const app = express().post('/', express.text(), (_request, response) => void response.send('read'));
    server = createAppServer(app.get('/', (_request, response) => void response.send('served')));
    Object.assign(server, { headersTimeout: 100, requestTimeout: 300, connectionsCheckingInterval: 20 });
    await once(server.listen(0, 'localhost'), 'listening');
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  test.each([
    ['nothing', ''],
    ['half a line', 'GET / HT'],
    ['headers without an end', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Any: '],
    [
      'half a body',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nContent-Type: text/plain\r\n\r\nhalf',
    ],
    [
      'half a chunk',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf',
    ],
  ])('A-95 that stops after %s is disconnected while others are served', async (_what, text) => {
    const slow = await open(text, port);
    let answer = '';
    slow.setEncoding('latin1').on('data', (part) => {
      answer += part;
    });
    expect(await (await send(`http://localhost:${port}/`)).text()).toBe('served');
    await once(slow, 'close');
    expect(answer === '' || answer.startsWith('HTTP/1.1 408 ')).toBe(true);
    expect(await (await send(`http://localhost:${port}/`)).text()).toBe('served');
  });

  test('A-95 has 15 s for the headers and 30 s for the request, checked every second', () => {
    const { headersTimeout, requestTimeout } = createAppServer(express());
    expect([headersTimeout, requestTimeout]).toEqual([15_000, 30_000]);
    expect(createAppServer(express())).toMatchObject({ connectionsCheckingInterval: 1_000 });
  });
});

test.each(['never reads', 'reads a little at a time'])('A-95 a client that %s is disconnected', async (kind) => {
  const app = express().get('/', (_request, response) => void response.send('x'.repeat(20_000_000)));
  // Shorter than the 60 s of the programs, to speed up the test.
  const server = createAppServer(app, { responseMs: 300 });
  await once(server.listen(0, 'localhost'), 'listening');
  const address = server.address();
  const accepted = once(server, 'connection');
  const reader = await open('', typeof address === 'object' && address ? address.port : 0);
  const [connection]: Socket[] = await accepted;
  reader.pause().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const reading = setInterval(() => kind !== 'never reads' && reader.read(100), 20);
  if (connection) await once(connection, 'close');
  clearInterval(reading);
  expect(connection?.bytesWritten).toBeGreaterThan(0);
  reader.destroy();
  await new Promise((closed) => server.close(closed));
});

test('A-95 a client that requests a third page before the first has arrived is disconnected, and no page is rendered', async () => {
  const before = system.logged.length;
  const socket = await open('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500));
  await once(socket.resume(), 'close');
  expect((await send(`${system.webUrl}/auth/signed-out`)).status).toBe(200);
  expect(
    system.logged.slice(before).filter((line) => line.includes('"method":"GET","path":"/",')).length,
  ).toBeLessThanOrEqual(2);
});

describe('500 connections', () => {
  test.each([
    ['that say nothing', ''],
    ['that stop within their headers', 'GET /todos HTTP/1.1\r\nHost: localhost\r\n'],
    [
      'that stop within their form',
      'POST /todos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\na',
    ],
  ])('A-95 %s do not keep anybody else from signing in', async (_kind, text) => {
    const sockets = await Promise.all(Array.from({ length: 500 }, () => open(text)));
    const browser = await system.signedIn('alice@example.com');
    expect((await browser.goto(`${system.webUrl}/todos`)).status).toBe(200);
    expect(sockets.filter((socket) => !socket.destroyed)).toHaveLength(500);
    for (const socket of sockets) socket.destroy();
  });
});

describe('a client that disconnects', () => {
  let browser: Browser;
  let headers: string;
  let lines: number;
  beforeEach(async () => {
    browser = await system.signedIn('bob@example.com');
    await browser.goto(`${system.webUrl}/todos`);
    const cookies = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`);
    headers = `HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookies.join('; ')}\r\n`;
    lines = system.logged.length;
  });

  const isAborted = (logged: string) => system.logged.slice(lines).some((line) => line.includes(logged));

  /** Expects that the app has noticed the disconnection and still serves others. */
  async function expectNoticed(method: string, path: string): Promise<void> {
    await until(() => isAborted(`"method":"${method}","path":"${path}","status":0,`));
    expect((await browser.goto(`${system.webUrl}/todos`)).status).toBe(200);
    expect(system.logged.slice(lines).join('\n')).not.toContain('Request failed');
    expect(unheard).toEqual([]);
  }

  test.each([1, 5_000])('A-96 with %i bytes of a form missing changes nothing', async (missing) => {
    const body = `_csrf=${browser.form('Add').fields._csrf}&description=Half%20sent`;
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const socket = await open(
      `POST /todos ${headers}${type}\r\nContent-Length: ${body.length + missing}\r\nExpect: 100-continue\r\n\r\n`,
    );
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 100 /);
    socket.end(body);
    await expectNoticed('POST', '/todos');
    expect(browser.text()).not.toContain('Half sent');
  });

  test.each(['/', '/users/id', '/todos', '/auth/signout', '/auth/redirect?code=x&state=y'])(
    'A-96 while %s is being rendered leaves only a log line',
    async (path) => {
      const held = records.hold('get', 'session');
      const socket = await open(`GET ${path} ${headers}\r\n`);
      await held.arrived;
      socket.destroy();
      await until(() => isAborted('"status":0,'));
      held.release();
      await expectNoticed('GET', path.replace(/\?.*/, ''));
    },
  );
});
