import { type Server, STATUS_CODES } from 'node:http';
import type { Logger } from './logger.ts';

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const tooManyCookies =
  'The request has more than 16 KB of headers, mostly cookies. All apps on this host share them, whatever their port. Delete the cookies of this host in the browser, then try again.';

/**
 * Answers what is not HTTP as Node does, and says what to do about too many cookies, which would otherwise be a bare 431.
 * @see https://nodejs.org/api/http.html#event-clienterror
 */
export function answerClientErrors(server: Server, log: Logger | undefined): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const status = statuses[error.code ?? ''] ?? 400;
    const text = status === 431 ? `${tooManyCookies}\n` : '';
    if (text) log?.warn(`Refused with 431: ${tooManyCookies}`);
    const headers = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\nConnection: close`;
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${text}`);
  });
}
