import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createHttpClient, type HttpClient, HttpClientError } from '../../../src/runtime/httpClient.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { readWebConfig, type WebConfig } from '../../../src/web/config.ts';
import { checkProxies } from '../../../src/web/hardening/proxyCheck.ts';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';
import { send } from '../../support/send.ts';
import { type System, startSystem } from '../../support/system.ts';

const baseUrl = 'https://www.example.com';
const direct = createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 10_000 });
let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

interface Way {
  readonly addresses: readonly string[];
  readonly protocol?: string;
}

/** Carries requests for the app's own address to the app, as the proxies before it would. */
function proxies(webUrl: string, { addresses, protocol }: Way): HttpClient {
  return {
    request: ({ url, headers = {}, ...request }) =>
      direct.request({
        ...request,
        url: url.replace(baseUrl, webUrl),
        headers: {
          ...headers,
          ...(addresses.length > 0 && { 'X-Forwarded-For': addresses.join(', ') }),
          ...(protocol && { 'X-Forwarded-Proto': protocol }),
        },
      }),
  };
}

async function saidOf(config: WebConfig, http: HttpClient): Promise<string> {
  const said: string[] = [];
  const note = (level: string) => (message: string) => void said.push(`${level}: ${message}`);
  const log: Logger = { info: note('info'), warn: note('warn'), error: note('error') };
  await checkProxies(config, http, log);
  return said.join('\n');
}

async function checked(trustProxy: number, way: Way): Promise<string> {
  const settings = { BASE_URL: baseUrl, TRUST_PROXY: String(trustProxy) };
  const webUrl = await system.startWeb(settings);
  return await saidOf(configWith(settings), proxies(webUrl, way));
}

function configWith(settings: Readonly<Record<string, string>>): WebConfig {
  const id = '00001111-aaaa-2222-bbbb-3333cccc4444';
  return readWebConfig({
    TENANT_SUBDOMAIN: 'contoso',
    CLIENT_ID: id,
    CLIENT_SECRET: 'a secret of no app',
    SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    TODO_API_CLIENT_ID: id,
    ...settings,
  });
}

const one = ['203.0.113.7'];
const two = ['203.0.113.7', '10.0.0.4'];

describe('the check of TRUST_PROXY at start', () => {
  test.each<[string, number, Way, string]>([
    ['one proxy, counted', 1, { addresses: one, protocol: 'https' }, 'info: TRUST_PROXY=1 counts the proxies'],
    ['two proxies, counted', 2, { addresses: two, protocol: 'https' }, 'info: TRUST_PROXY=2 counts the proxies'],
    ['two proxies, one counted', 1, { addresses: two, protocol: 'https' }, 'error: .* one proxy.*TRUST_PROXY=2'],
    ['one proxy, none counted', 0, { addresses: one, protocol: 'https' }, 'error: .* one proxy.*TRUST_PROXY=1'],
    [
      'one proxy, two counted',
      2,
      { addresses: one, protocol: 'https' },
      'error: .* chooses the address.*TRUST_PROXY=1',
    ],
    ['a proxy that adds no address', 1, { addresses: [], protocol: 'https' }, 'error: .* adds no address'],
    ['a proxy that hides https', 1, { addresses: one }, 'error: .* X-Forwarded-Proto'],
  ])('says of %s what is right or what to do', async (_what, trustProxy, way, expected) => {
    expect(await checked(trustProxy, way)).toMatch(new RegExp(`^${expected}.*$`));
  });

  test.each([
    ['nobody answers', () => Promise.reject(new HttpClientError('unreachable', 'https://www.example.com: refused'))],
    ['another site answers', () => Promise.resolve({ status: 200, headers: {}, body: '<html>' })],
    [
      'an older version of the app answers',
      () => Promise.resolve({ status: 200, headers: {}, body: '{"status":"ok"}' }),
    ],
  ])('says that it could not be done when %s', async (_what, request) => {
    const config = configWith({ BASE_URL: baseUrl, TRUST_PROXY: '1' });
    expect(await saidOf(config, { request })).toMatch(/^warn: TRUST_PROXY=1 could not be checked: https/);
  });

  test('tells a stranger nothing of the proxies', async () => {
    for (const password of ['', 'guess']) {
      const headers = { 'X-Proxy-Check': password, 'X-Forwarded-For': '203.0.113.7' };
      expect(await (await send(`${system.webUrl}/livez`, { headers })).json()).toEqual({ status: 'ok' });
    }
  });

  test('shows the proxies nothing with which a session cookie could be signed', async () => {
    const seen: string[] = [];
    const request: HttpClient['request'] = ({ headers = {} }) => {
      seen.push(headers['X-Proxy-Check'] ?? '');
      return Promise.reject(new HttpClientError('unreachable', 'https://www.example.com: refused'));
    };
    await saidOf(configWith({ BASE_URL: baseUrl }), { request });
    const records = new MemoryKeyValueStore();
    const read = vi.spyOn(records, 'get');
    const webUrl = await system.startWeb({}, { records });
    const signature = Buffer.from(seen.join(), 'base64url').toString('base64').replace(/=+$/, '');
    const cookie = `session=${encodeURIComponent(`s:proxy check.${signature}`)}`;
    expect((await send(`${webUrl}/`, { headers: { cookie } })).status).toBe(200);
    expect(seen).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    expect(read).not.toHaveBeenCalled();
  });

  test('is answered by an instance that has a newer secret as well as the one of the asker', async () => {
    const webUrl = await system.startWeb({
      ...{ BASE_URL: baseUrl, TRUST_PROXY: '1' },
      SESSION_SECRET: 'a-newer-secret-of-the-tests-long-enough,a-secret-of-the-tests-that-is-long-enough',
    });
    const config = configWith({ BASE_URL: baseUrl, TRUST_PROXY: '1' });
    expect(await saidOf(config, proxies(webUrl, { addresses: one, protocol: 'https' }))).toMatch(/^info/);
  });
});
