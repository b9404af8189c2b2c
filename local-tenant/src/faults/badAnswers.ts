import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Response } from 'express';

export type BadAnswer = (response: Response) => unknown;

type Answer = Readonly<Record<string, unknown>>;

export type FlawedAnswer = (response: Response, sound: Answer) => unknown;

/** @param changes fields to set; undefined removes one */
export const withFields =
  (changes: Answer | ((sound: Answer) => Answer)): FlawedAnswer =>
  (response, sound) =>
    response.json({ ...sound, ...(typeof changes === 'function' ? changes(sound) : changes) });

const dripMs = 100;
const megabyte = 'x'.repeat(1_000_000);

export const failWith =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): BadAnswer =>
  (response) =>
    response.status(status).set(headers).json(body);

export const sendText =
  (text: string, type: 'html' | 'json'): BadAnswer =>
  (response) =>
    response.status(200).type(type).send(text);

export const neverAnswer: BadAnswer = () => {};

export const resetConnection: BadAnswer = ({ socket }) => socket?.resetAndDestroy();

/** Sends one byte at a time forever. Only a time limit for the whole answer helps against it. */
export const drip: BadAnswer = (response) => {
  response.type('json').write('{');
  const timer = setInterval(() => response.write(' '), dripMs);
  response.on('close', () => clearInterval(timer));
};

export const send300Megabytes: BadAnswer = async (response) => {
  response.type('json');
  await pipeline(hugeJson(), response).catch(clientGaveUp);
};

/** About 300 kB compressed, 300 MB decompressed. */
export const sendGzipBomb: BadAnswer = async (response) => {
  response.type('json').set('Content-Encoding', 'gzip');
  await pipeline(hugeJson(), createGzip({ level: 1 }), response).catch(clientGaveUp);
};

function hugeJson(): Readable {
  return Readable.from(
    (function* parts() {
      yield '{"access_token":"';
      for (let count = 0; count < 300; count += 1) yield megabyte;
      yield '"}';
    })(),
  );
}

function clientGaveUp(): void {}
