import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

/** Sends lines as they stand and reads the whole answer. */
async function sendRaw(...lines: readonly string[]): Promise<string> {
  const socket = connect({ port: Number(new URL(system.webUrl).port), host: 'localhost' });
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => {
    answer += part;
  });
  socket.end(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return answer;
}

const statusOf = (answer: string) => answer.split(' ')[1];

test.each(['foo://localhost/', 'javascript://localhost/%0aalert(1)', 'localhost:443'])(
  'A-92 refuses the request target %s, which Express would answer without us',
  async (target) => {
    expect(statusOf(await sendRaw(`GET ${target} HTTP/1.1`, 'Host: localhost'))).toBe('400');
  },
);

test('A-93 refuses a request that names two hosts', async () => {
  expect(statusOf(await sendRaw('GET / HTTP/1.1', 'Host: localhost', 'Host: evil.example'))).toBe('421');
  expect(statusOf(await sendRaw('GET / HTTP/1.1', 'Host: LocalHost'))).toBe('200');
});
