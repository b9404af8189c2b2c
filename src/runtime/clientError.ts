import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
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
 * @see https://nodejs.org/api/http.html#event-clienterror
 */
export function answerClientError(
  { code = '' }: NodeJS.ErrnoException,
  socket: Duplex,
  latest: ServerResponse | undefined,
): void {
  const isFree = !latest || latest.writableFinished || (latest.socket === socket && !latest.headersSent);
  if (code === 'ECONNRESET' || !socket.writable || !isFree) return void socket.destroy();
  const status = statuses[code] ?? 400;
  const lines = Object.entries(refusalHeaders).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n'));
}
