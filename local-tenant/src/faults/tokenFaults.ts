import {
  type BadAnswer,
  drip,
  failWith,
  neverAnswer,
  resetConnection,
  send300Megabytes,
  sendGzipBomb,
  sendText,
} from './badAnswers.ts';
import { type FaultTable, foreignHost } from './fault.ts';

const busy = { error: 'temporarily_unavailable' };

/** What the token endpoint does instead of reading the request; the code or token in it stays good. */
export const tokenFaults = {
  'token-500': [
    'Status 500 with an error as Entra words it.',
    failWith(500, { error: 'server_error', error_description: 'AADSTS90033' }),
  ],
  'token-429': ['Status 429 with Retry-After: 30.', failWith(429, busy, { 'Retry-After': '30' })],
  'token-429-hour': ['Status 429 with Retry-After: 3600.', failWith(429, busy, { 'Retry-After': '3600' })],
  'token-html': ['Status 200 with a page instead of JSON.', sendText('<h1>Maintenance</h1>', 'html')],
  'token-empty': ['Status 200 with no body.', (response) => response.status(200).end()],
  'token-null': ['Status 200 with the body null.', sendText('null', 'json')],
  'token-array': ['Status 200 with the body [].', sendText('[]', 'json')],
  'token-number': ['Status 200 with the body 5.', sendText('5', 'json')],
  'token-cut-json': ['Status 200 with JSON that ends too early.', sendText('{"access_token":"eyJ', 'json')],
  'token-300-mb': ['Status 200 with a body of 300 MB.', send300Megabytes],
  'token-gzip-bomb': ['Status 200 with a small compressed body that unpacks to 300 MB.', sendGzipBomb],
  'token-drip': ['The body comes one byte at a time, without end.', drip],
  'token-slow': ['No answer ever comes.', neverAnswer],
  'token-reset': ['The connection is reset.', resetConnection],
  'token-redirect-307': [
    'Status 307 to another path of this tenant.',
    (response) => response.redirect(307, '/elsewhere'),
  ],
  'token-redirect-307-host': [
    'Status 307 to another host over http, where a client that follows sends its secret.',
    (response) => response.redirect(307, `http://${foreignHost}/token`),
  ],
} as const satisfies FaultTable<BadAnswer>;
