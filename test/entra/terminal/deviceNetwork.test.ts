import { createServer, type ServerResponse } from 'node:http';
import { type INetworkModule, ServerError } from '@azure/msal-node';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TokenEndpointError } from '../../../src/entra/msalNetwork.ts';
import { createDeviceNetwork } from '../../../src/entra/terminal/deviceNetwork.ts';
import { createHttpClient, type HttpClient } from '../../../src/runtime/httpClient.ts';
import { VirtualClock } from '../../support/VirtualClock.ts';

type Answer = (response: ServerResponse) => void;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const refusal = (error: string, status = 400) => json(status, { error, error_description: 'AADSTS70016: no.' });
const pending = refusal('authorization_pending');
const granted = json(200, { token_type: 'Bearer', access_token: 'at' });
const reset: Answer = (response) => void response.socket?.destroy();
const sound = { user_code: 'BCDFGHJKL', device_code: 'secret-device-code', interval: 5, expires_in: 900 };

let answers: Answer[] = [];
let asked: string[] = [];
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    asked.push(request.url ?? '');
    (answers.shift() ?? pending)(response);
  });
});
let origin: string;
let clock: VirtualClock;
let stop: AbortController;
let network: INetworkModule;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
beforeEach(() => {
  asked = [];
  clock = new VirtualClock();
  stop = new AbortController();
  const http = createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 64 * 1024 });
  network = createDeviceNetwork({ http, clock, signal: stop.signal, tokenEndpoint: `${origin}/t/token` });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (path: string) => network.sendPostRequestAsync<Record<string, unknown>>(origin + path, { body: 'x=1' });
const begin = () => ask('/t/devicecode');
const poll = () => ask('/t/token?client-request-id=1');

/** The first answer is for the device code, the others are for the polls. */
async function signIn(first: unknown, ...others: Answer[]) {
  answers = [json(200, first), ...others];
  await begin();
  return await poll();
}

const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

describe('the answer to a device that asks for a code', () => {
  it('reaches MSAL without the tenant’s address and message', async () => {
    answers = [
      json(200, { ...sound, verification_uri: 'https://phishing.example', message: 'Go to phishing.example' }),
    ];
    expect((await begin()).body).toEqual(sound);
  });

  it.each([
    ['no interval', { interval: undefined }, 5],
    ['an interval of 0', { interval: 0 }, 5],
    ['a negative interval', { interval: -3 }, 5],
    ['an interval of 1', { interval: 1 }, 5],
    ['an interval that is text', { interval: '1' }, 5],
    ['an interval of null', { interval: null }, 5],
    ['an interval of 12', { interval: 12 }, 12],
    ['an interval of a day', { interval: 86_400 }, 60],
  ])('with %s leads to polls every so many seconds', async (_name, changes, seconds) => {
    await signIn({ ...sound, ...changes }, pending, granted);
    expect(clock.waits).toEqual([seconds, seconds]);
  });

  it.each([
    ['no expires_in', { expires_in: undefined }, 900],
    ['an expires_in of 0', { expires_in: 0 }, 900],
    ['a negative expires_in', { expires_in: -1 }, 900],
    ['an expires_in that is text', { expires_in: '60' }, 900],
    ['an expires_in of 60', { expires_in: 60 }, 60],
    ['an expires_in of a year', { expires_in: 31_536_000 }, 1800],
  ])('with %s is valid for that many seconds', async (_name, changes, seconds) => {
    answers = [json(200, { ...sound, ...changes })];
    expect((await begin()).body).toMatchObject({ expires_in: seconds });
    const begun = clock.now();
    const error = await failure(poll());
    expect(error).toMatchObject({ errorCode: 'expired_token' });
    expect((clock.now() - begun) / 1000).toBe(seconds);
  });

  it.each([
    ['no user_code', { user_code: undefined }],
    ['an empty user_code', { user_code: '' }],
    ['a user_code that moves the cursor', { user_code: '\u001b[2JABC' }],
    ['a user_code that changes the text direction', { user_code: 'ABC\u202eDEF' }],
    ['a user_code of two lines', { user_code: 'ABC\nDEF' }],
    ['a user_code that is an address', { user_code: 'evil.example/x' }],
    ['a user_code of 33 characters', { user_code: 'A'.repeat(33) }],
    ['no device_code', { device_code: undefined }],
    ['an empty device_code', { device_code: '' }],
    ['a device_code of 4097 characters', { device_code: 'x'.repeat(4097) }],
  ])('with %s is refused', async (_name, changes) => {
    answers = [json(200, { ...sound, ...changes })];
    const error = await failure(begin());
    expect(error).toBeInstanceOf(TokenEndpointError);
    expect(error).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['a refusal', refusal('unauthorized_client'), { errorCode: 'unauthorized_client' }],
    ['500', json(500, {}), { kind: 'unavailable' }],
    ['a redirect', json(307, {}, { location: '/elsewhere' }), { kind: 'invalid' }],
    ['64 KB and more', json(200, { ...sound, message: 'x'.repeat(70_000) }), { kind: 'invalid' }],
  ])('that is %s ends the sign-in', async (_name, answer, expected) => {
    answers = [answer];
    expect(await failure(begin())).toMatchObject(expected);
    expect(asked).toHaveLength(1);
  });

  it('is requested from its own endpoint only, and tokens from theirs', async () => {
    answers = [json(200, sound)];
    expect(await failure(ask('/t/token'))).toMatchObject({ kind: 'invalid' });
    await begin();
    stop.abort();
    expect(await failure(ask('/t/devicecode'))).toBe(stop.signal.reason);
    expect(asked).toEqual(['/t/devicecode']);
  });
});

describe('the endpoint for device codes', () => {
  const name = fc.stringMatching(/^(token)?[a-z0-9]{1,8}$/);

  it('is beside the token endpoint, on the same origin, also for names that begin with "token"', async () => {
    await fc.assert(
      fc.asyncProperty(name, name, async (host, tenantName) => {
        const tokenEndpoint = `https://${host}.example/${tenantName}.example/oauth2/v2.0/token`;
        const sent: string[] = [];
        const http: HttpClient = {
          request: async ({ url }) => {
            sent.push(url);
            return { status: 200, headers: {}, body: JSON.stringify(sound), retryAfterSeconds: undefined };
          },
        };
        const device = createDeviceNetwork({ http, clock, signal: stop.signal, tokenEndpoint });
        // As MSAL derives it.
        await device.sendPostRequestAsync(`${tokenEndpoint.replace('/token', '/devicecode')}?a=1`, { body: 'x=1' });
        expect(sent).toEqual([`https://${host}.example/${tenantName}.example/oauth2/v2.0/devicecode?a=1`]);
      }),
      {
        examples: [
          ['tokens', 'contoso'],
          ['login', 'tokens'],
        ],
      },
    );
  });
});

describe('the polls', () => {
  it('start one interval after the code was issued, and end with the tokens', async () => {
    const answer = await signIn(sound, pending, pending, granted);
    expect(answer).toMatchObject({ status: 200, body: { access_token: 'at' } });
    expect(clock.waits).toEqual([5, 5, 5]);
  });

  it('stay slower after slow_down', async () => {
    await signIn(sound, refusal('slow_down'), pending, refusal('slow_down'), pending, granted);
    expect(clock.waits).toEqual([5, 10, 10, 15, 15]);
  });

  it.each<[string, Answer]>([
    ['a broken connection', reset],
    ['500 with {}', json(500, {})],
    ['503 with a page', (response) => void response.writeHead(503).end('<h1>Unavailable</h1>')],
    ['200 with a page', (response) => void response.writeHead(200).end('<h1>Sign in to the WLAN</h1>')],
    ['200 with {}', json(200, {})],
    ['a redirect', json(302, {}, { location: 'https://wlan.example/' })],
    ['429', json(429, {})],
  ])('go on less and less often after %s, until there is a valid answer', async (_name, bad) => {
    await signIn(sound, bad, bad, bad, bad, bad, pending, granted);
    expect(clock.waits).toEqual([5, 10, 20, 40, 60, 60, 5]);
  });

  it('wait as long as the tenant asks for', async () => {
    await signIn(sound, json(429, {}, { 'retry-after': '90' }), json(503, {}, { 'retry-after': '1' }), granted);
    expect(clock.waits).toEqual([5, 90, 60]);
  });

  it('stop when the code expires', async () => {
    expect(await failure(signIn({ ...sound, expires_in: 12 }))).toMatchObject({ errorCode: 'expired_token' });
    expect(clock.waits).toEqual([5, 5, 2]);
    expect(asked).toHaveLength(3);
  });

  it.each(['authorization_declined', 'expired_token', 'bad_verification_code', 'invalid_client', 'anything'])(
    'end with %s, and the error keeps its AADSTS code',
    async (code) => {
      const error = await failure(signIn(sound, refusal(code)));
      expect(error).toBeInstanceOf(ServerError);
      expect(error).toMatchObject({ errorCode: code, message: expect.stringContaining('AADSTS70016') });
      expect(clock.waits).toEqual([5]);
    },
  );

  it('end at once when the customer stops them', async () => {
    clock.whileWaiting = () => stop.abort();
    expect(await failure(signIn(sound, granted))).toBe(stop.signal.reason);
    expect(asked).toEqual(['/t/devicecode']);
  });
});
