import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const refusals: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * The answers that no app gives, because what came is no request for one; with the headers of all our answers.
 * @param isHttps whether browsers come by https, and are told to come by nothing else
 */
export function bareAnswers({ isHttps }: { readonly isHttps: boolean }) {
  const headers = {
    'Cache-Control': 'no-store',
    'Content-Length': '0',
    'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    ...(isHttps && { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return {
    /** Answers a request that is not for the app. */
    answer(response: ServerResponse, status: number): void {
      response.writeHead(status, headers).end();
    },
    /**
     * Answers what is no HTTP, as Node would; only cuts the connection where that could fall into another answer.
     * @param code Node's or its parser's
     * @param latest the answer to the last request that was understood on this connection
     * @see https://nodejs.org/api/http.html#event-clienterror
     */
    refuse(socket: Duplex, code: string | undefined, latest: ServerResponse | undefined): void {
      const isFree = !latest || latest.writableFinished || (latest.socket === socket && !latest.headersSent);
      if (code === 'ECONNRESET' || !socket.writable || !isFree) {
        socket.destroy();
        return;
      }
      const status = refusals[code ?? ''] ?? 400;
      socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n'));
    },
  };
}
