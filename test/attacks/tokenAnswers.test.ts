import { createServer, type RequestListener, type Server } from 'node:http';
import { webApp } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';
import { answerOf, isSignedIn } from '../web/callbackSteps.ts';
import { answers, expectNothingOf, expectNothingTwice, type FaultySignIn } from './faultySignIn.ts';

let system: System;
let parts: FaultySignIn;
beforeAll(async () => {
  const records = new WatchedKeyValueStore();
  system = await startSystem({}, records);
  parts = { system, webUrl: system.webUrl, records, browser: await system.signedIn('alice@example.com') };
});
afterAll(() => system.stop());

describe('a sign-in whose token endpoint', () => {
  test.each([
    ...['id-token-missing', 'token-no-access-token', 'token-access-token-number', 'token-refresh-token-object'],
    ...['token-type-mac', 'token-no-type', 'token-type-array', 'token-expires-in-endless', 'token-null'],
    ...['token-array', 'token-number', 'token-html', 'token-empty', 'token-cut-json'],
    ...['token-redirect-307', 'token-redirect-307-host'],
  ])('A-44 answers with %s is refused', (fault) => expectNothingTwice(fault, parts));

  test.each(['token-500', 'token-500-with-tokens', 'token-429', 'token-429-hour', 'token-reset'])(
    'A-44 answers with %s is refused with Retry-After',
    (fault) => expectNothingTwice(fault, parts, answers.away),
  );

  test.each(['token-slow', 'token-drip'])('A-44 delays its answer with %s times out', (fault) =>
    expectNothingOf(fault, parts, answers.away),
  );

  test.each(['token-300-mb', 'token-gzip-bomb'])('A-44 sends %s does not exhaust memory', async (fault) => {
    // This process's peak memory in kilobytes. It includes the tenant, which sends the same megabyte repeatedly.
    const before = process.resourceUsage().maxRSS;
    await expectNothingTwice(fault, parts);
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(150_000);
  });

  test.each(['token-type-mixed-case', 'token-no-expires-in', 'token-no-scope', 'token-no-refresh-token'])(
    'A-44 answers with %s succeeds, as the standard allows',
    async (fault) => {
      const { browser } = parts;
      browser.cookies.delete('session');
      await system.control('faults', { name: fault, times: 1 });
      await browser.goto(`${system.webUrl}/auth/signin`);
      expect(await isSignedIn(system.webUrl, browser)).toBe(true);
    },
  );
});

describe('the app’s secret', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** Starts another host. @returns its URL */
  async function listen(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  test.each([301, 302, 303, 307, 308])(
    'A-44 is not sent to a host that the token endpoint redirects to with %i',
    async (status) => {
      const elsewhere: (string | undefined)[] = [];
      const bodies: string[] = [];
      const other = await listen((request, response) => {
        elsewhere.push(request.url);
        response.end('{}');
      });
      const endpoint = await listen(async (request, response) => {
        bodies.push(Buffer.concat(await request.toArray()).toString());
        response.writeHead(status, { location: `${other}/token` }).end();
      });
      const real = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
      const tenantHttp: HttpClient = {
        request: (request) => real.request(request.method === 'POST' ? { ...request, url: endpoint } : request),
      };
      const webUrl = await system.startWeb({}, { tenantHttp });
      const browser = new Browser();
      const page = await browser.goto(await answerOf(webUrl, browser, 'alice@example.com'));
      expect([page.status, await isSignedIn(webUrl, browser)]).toEqual([502, false]);
      expect(bodies).toEqual([expect.stringContaining(`client_secret=${encodeURIComponent(webApp.secret)}`)]);
      expect(elsewhere).toEqual([]);
    },
  );
});
