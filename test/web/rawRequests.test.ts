import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

/** Sends bytes unchanged, and reads all answers until the app closes the connection. */
async function sendBytes(text: string): Promise<string> {
  const socket = connect({ port: Number(new URL(system.webUrl).port), host: 'localhost' });
  let answer = '';
  socket.setEncoding('latin1').on('data', (part) => {
    answer += part;
  });
  // After the app closes the connection, bytes still being sent may cause a reset.
  socket.on('error', () => {});
  // The socket is not ended: Node drops unanswered requests once the sender is done.
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return answer;
}

const sendLines = (...lines: readonly string[]) => sendBytes(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
const statusesOf = (answer: string) => [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => status);

/** Expects that the app still works, and logged no failure. */
async function expectUnharmed(): Promise<void> {
  expect(statusesOf(await sendLines('GET / HTTP/1.1', 'Host: localhost'))).toEqual(['200']);
  expect(system.logged.join('\n')).not.toMatch(/unhandled promise rejection|request failed/i);
}

/** One server reads this as a body, another as the next request. */
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
const post = 'POST /todos HTTP/1.1\r\nHost: localhost\r\n';

describe('a request with an ambiguous end', () => {
  test.each([
    ['a length and chunks', `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunks and a length', `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
    ['two lengths', `${post}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${smuggled}`],
    ['the same length twice', `${post}Content-Length: 0\r\nContent-Length: 0\r\n\r\n${smuggled}`],
    ['a list of lengths', `${post}Content-Length: 0, 0\r\n\r\n${smuggled}`],
    ['a length with a sign', `${post}Content-Length: +0\r\n\r\n${smuggled}`],
    ['a length below zero', `${post}Content-Length: -1\r\n\r\n${smuggled}`],
    ['an encoding after chunks', `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
    ['an encoding nobody knows', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a space before the colon', `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a folded encoding', `${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a folded header', `${post}X-Any: a\r\n b\r\n\r\n${smuggled}`],
    ['lines that end in LF', `GET / HTTP/1.1\nHost: localhost\n\n${smuggled}`],
    ['one line that ends in LF', `${post}X-Any: a\nContent-Length: 0\r\n\r\n${smuggled}`],
    ['a line that ends in CR', `${post}X-Any: a\rContent-Length: 0\r\n\r\n${smuggled}`],
    ['NUL in a header', `${post}X-Any: a\0b\r\n\r\n${smuggled}`],
    ['no name before the colon', `${post}: a\r\n\r\n${smuggled}`],
  ])('A-92 by %s is refused, and the connection is closed', async (_how, text) => {
    expect(statusesOf(await sendBytes(text))).toEqual(['400']);
    expect(system.logged.join('\n')).not.toContain('/smuggled');
    await expectUnharmed();
  });

  test('A-92 by a chunk size that is not a number changes nothing, and the connection is closed', async () => {
    const answer = await sendBytes(`${post}Transfer-Encoding: chunked\r\n\r\nz\r\n\r\n${smuggled}`);
    expect(statusesOf(answer)).not.toContain('303');
    expect(system.logged.join('\n')).not.toContain('/smuggled');
    await expectUnharmed();
  });
});

describe('a malformed request', () => {
  test.each(['GET /', 'GET / HTTP/0.9', 'GET /users/id'])(
    'A-92 such as %s, without a host, gets no page',
    async (line) => {
      expect(statusesOf(await sendBytes(`${line}\r\n\r\n`))).toEqual(['400']);
      await expectUnharmed();
    },
  );

  test.each([
    'EVIL / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET / HTTP/1.1x\r\nHost: localhost\r\n\r\n',
    'GET /a\x1b[31mb HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /a\x9b31mb HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /a\tb HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  ])('A-92 such as %j is refused', async (text) => {
    expect(statusesOf(await sendBytes(text))).toEqual(['400']);
    await expectUnharmed();
  });

  test.each([
    ...['foo://localhost/', 'javascript://localhost/%0aalert(1)', 'localhost:443', 'http://', 'http://?a', 'http://['],
    ...['http://xn--/', '//localhost@#', '/\\@#'],
  ])('A-92 for the target %s, which Express would answer by itself, is refused', async (target) => {
    const answer = await sendLines(`GET ${target} HTTP/1.1`, 'Host: localhost');
    expect([statusesOf(answer), answer.includes('Cannot GET')]).toEqual([['400'], false]);
  });

  test('A-92 by CONNECT opens no connection', async () => {
    expect(await sendLines('CONNECT localhost:443 HTTP/1.1', 'Host: localhost')).toBe('');
    await expectUnharmed();
  });
});

describe('a request', () => {
  test('A-93 that names two hosts is refused', async () => {
    for (const hosts of [['localhost', 'evil.example'], ['evil.example', 'localhost'], Array(2).fill('localhost')]) {
      const lines = hosts.map((host) => `Host: ${host}`);
      const answer = await sendLines('GET /auth/signin HTTP/1.1', ...lines);
      expect([statusesOf(answer), answer.includes('evil')]).toEqual([['421'], false]);
    }
    expect(statusesOf(await sendLines('GET / HTTP/1.1', 'Host: LocalHost'))).toEqual(['200']);
  });

  test.each([
    ...['localhost evil', 'localhost<script>', 'localhost:<script>', 'localhost:evil.example', 'localhost:80@evil'],
    ...['evil@localhost', 'localhost, evil', 'localhost/evil', 'localhost?', 'localhost\xa0', 'l\xf6calhost', ''],
  ])('A-93 for the host %j is refused, and its name is not repeated', async (host) => {
    const answer = await sendLines('GET /auth/signin HTTP/1.1', `Host: ${host}`);
    expect([statusesOf(answer), /evil|<script/.test(answer)]).toEqual([['421'], false]);
    expect(answer).not.toMatch(/^(?:location|set-cookie):/im);
  });

  test.each(['localhost', 'localhost:', 'localhost:3000', 'LOCALHOST:65535'])(
    'for the host %s is answered, whatever its port',
    async (host) => {
      expect(statusesOf(await sendLines('GET / HTTP/1.1', `Host: ${host}`))).toEqual(['200']);
    },
  );

  test('A-93 for the full URL of another site is refused', async () => {
    const answer = await sendLines('GET http://evil.example/auth/signin HTTP/1.1', 'Host: localhost');
    expect([statusesOf(answer), answer.includes('evil')]).toEqual([['421'], false]);
  });

  test('A-93 for the full URL of a page of ours redirects to our own pages only', async () => {
    const answer = await sendLines('GET http://localhost/auth/signin HTTP/1.1', 'Host: localhost');
    const location = new URL(/^Location: (.*)$/m.exec(answer)?.[1] ?? '');
    expect(location.searchParams.get('redirect_uri')).toBe(`${system.webUrl}/auth/redirect`);
    expect(answer).not.toContain('evil');
  });

  test.each([
    ['header', `GET / HTTP/1.1\r\nHost: localhost\r\nX-Any: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['cookie', `GET /users/id HTTP/1.1\r\nHost: localhost\r\nCookie: session=${'x'.repeat(20_000)}\r\n\r\n`],
    ['address', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ])('A-94 with 20 KB of %s is refused, and the connection is closed', async (_what, text) => {
    expect(statusesOf(await sendBytes(text + smuggled))).toEqual(['431']);
    await expectUnharmed();
  });

  test('A-94 with 3,000 headers, or a 15 KB path that grows when encoded, does no harm', async () => {
    expect(statusesOf(await sendLines('GET / HTTP/1.1', 'Host: localhost', ...Array(3_000).fill('a:')))).toEqual([
      '200',
    ]);
    const answer = await sendLines(`GET /users/id?${'%'.repeat(15_000)} HTTP/1.1`, 'Host: localhost');
    expect(statusesOf(answer)).toEqual(['303']);
    await expectUnharmed();
  });
});
