import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | Buffer;
  /** The request target as it stands in the first line; default: path and query of the URL, as the URL parser reads them. */
  readonly target?: string;
}

/**
 * Sends a request exactly as it stands and follows no redirect. Node's own fetch adds `Sec-Fetch-Mode: cors`,
 * by which a server tells a script from a person's browser.
 */
export function send(
  url: string | URL,
  { method = 'GET', headers = {}, body, target }: SendOptions = {},
): Promise<Response> {
  const request = new URL(url).protocol === 'https:' ? requestTls : requestPlain;
  const type = body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  return new Promise((resolve, reject) => {
    const path = target === undefined ? {} : { path: target };
    const outgoing = request(url, { method, headers: { ...type, ...headers }, agent: false, ...path }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const fields = new Headers();
        for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
          fields.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
        }
        const status = incoming.statusCode ?? 0;
        const isEmpty = status === 204 || status === 304;
        resolve(new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers: fields }));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body instanceof URLSearchParams ? body.toString() : body);
  });
}
