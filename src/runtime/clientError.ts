import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from './logger.ts';

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Plain text, because a person meets it: every page of a browser with too many cookies gets this answer. */
const texts: Readonly<Record<number, string>> = {
  431: 'The request is too large: its address, its cookies or its other headers. In a browser, delete the cookies of this site and try again.\n',
};

/** The headers of a response that no app writes, because the request is malformed. */
export const refusalHeaders = {
  'Cache-Control': 'no-store',
  'Content-Length': '0',
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  // Browsers ignore it over http (RFC 6797, section 8.1).
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  Connection: 'close',
};

/**
 * Answers bytes that are not HTTP, as Node would, with our headers. Only closes the connection where the answer could
 * end up inside another one.
 * @param latest the answer to the last request that was understood on this connection
 * @param log gets one line for a request that is too large
 * @see https://nodejs.org/api/http.html#event-clienterror
 */
export function answerClientError(
  { code = '' }: NodeJS.ErrnoException,
  socket: Duplex,
  latest: ServerResponse | undefined,
  log?: Pick<Logger, 'warn'>,
): void {
  const isFree = !latest || latest.writableFinished || (latest.socket === socket && !latest.headersSent);
  if (code === 'ECONNRESET' || !socket.writable || !isFree) return void socket.destroy();
  const status = statuses[code] ?? 400;
  const text = texts[status] ?? '';
  const type = text && { 'Content-Type': 'text/plain; charset=utf-8' };
  const headers = { ...refusalHeaders, ...type, 'Content-Length': String(text.length) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (text) log?.warn('Request refused: its headers are too large', { status, code });
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'));
}
