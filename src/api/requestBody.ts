import { isUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { Problem } from './errors.ts';

const utf8Json = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;
const byteOrderMark = '\ufeff';

/** Reads a JSON body in UTF-8 (RFC 8259 section 8.1), of at most 10 KB after decompression. */
export function readJson(): RequestHandler[] {
  const requireJson: RequestHandler = (request, _response, next) => {
    if (utf8Json.test(request.headers['content-type'] ?? '')) return next();
    throw new Problem(415, 'Send the body as application/json in UTF-8.', { Accept: 'application/json' });
  };
  // The parser would silently repair both.
  const verify = (_request: unknown, _response: unknown, body: Buffer) => {
    if (!isUtf8(body) || body.toString('utf8', 0, 3) === byteOrderMark)
      throw new Problem(400, 'The body is not UTF-8.');
  };
  return [requireJson, express.json({ limit: '10kb', verify })];
}
