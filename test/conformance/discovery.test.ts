import { afterAll, beforeAll, expect, test } from 'vitest';
import { MetadataSource } from '../../src/entra/MetadataSource.ts';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem, until } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

const client = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });

test.each([
  ['oidcc-client-test-discovery-issuer-mismatch'],
  ['fapi2-security-profile-final-client-test-discovery-issuer-mismatch'],
])('%s', async () => {
  let answers = 0;
  const http: HttpClient = {
    async request(request) {
      const answer = await client.request(request);
      answers += 1;
      return answer;
    },
  };
  const { tenantUrl, tenantId } = system;
  const settings = {
    subdomain: 'contoso',
    tenantId,
    metadataUrl: `${tenantUrl}/${tenantId}/v2.0/.well-known/openid-configuration`,
  };
  const problems: string[] = [];
  const log = {
    info: () => {},
    warn: () => {},
    error: (_: string, fields?: object) => void problems.push(JSON.stringify(fields)),
  };
  const metadata = new MetadataSource({ settings, http, log });
  const webUrl = await system.startWeb({}, { metadata });
  await system.control('faults', { name: 'discovery-issuer-suffix', times: 1_000 });
  metadata.start();
  await until(() => answers > 0 && problems.length > 0);

  const browser = new Browser();
  const before = system.asked.length;
  const answer = await browser.fetch(`${webUrl}/auth/signin`);
  expect([answer.status, answer.headers.get('location')]).toEqual([503, null]);
  expect(system.asked.slice(before)).toEqual([]);
  expect([...browser.cookies.keys()]).toEqual([]);
  expect(problems.join()).toContain('v2.0INVALID');

  await system.control('faults', { name: 'discovery-issuer-suffix', times: 0 });
  await until(() => metadata.ready());
  expect((await browser.fetch(`${webUrl}/auth/signin`)).status).toBe(302);
  metadata.stop();
});
