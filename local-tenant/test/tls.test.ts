import { X509Certificate } from 'node:crypto';
import { get, type RequestOptions } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../test/support/freePort.ts';
import { createApp } from '../src/app.ts';
import { readTenantConfig } from '../src/config.ts';
import { endpointPaths } from '../src/entraDialect.ts';
import { createLogger } from '../src/runtime/logger.ts';
import { createTenant } from '../src/state/createTenant.ts';
import type { Tenant } from '../src/state/tenant.ts';
import { serveWithTls, type TlsServer } from '../src/tls.ts';
import { DemoApp } from './DemoApp.ts';

const silent = createLogger(() => {});
let tenant: Tenant;
let server: TlsServer;
let origin: string;
beforeAll(async () => {
  const port = await freePort();
  tenant = await createTenant(readTenantConfig({ PORT: String(port), TENANT_TLS: '1' }), silent);
  server = await serveWithTls(createApp(tenant), port, tenant);
  origin = `https://localhost:${port}`;
});
afterAll(() => server.stop());

function fetchTls(url: URL | string, options: RequestOptions = {}) {
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      get(url, { ca: server.certificate, agent: false, ...options }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      }).on('error', reject);
    },
  );
}

test('the certificate is for localhost, and clients that trust it are answered over https', async () => {
  expect(new X509Certificate(server.certificate).checkHost('localhost')).toBe('localhost');
  expect(new X509Certificate(server.certificate).checkHost('example.com')).toBeUndefined();
  expect(await fetchTls(`${origin}/livez`)).toMatchObject({ status: 200, body: 'ok' });
});

test('clients that do not trust the certificate fail', async () => {
  await expect(fetchTls(`${origin}/livez`, { ca: [] })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('every address in the metadata is https, and a sign-in starts on https with secure cookies', async () => {
  const { tenantId } = tenant.config;
  const { body } = await fetchTls(`${origin}/${tenantId}/v2.0/.well-known/openid-configuration`);
  expect(JSON.parse(body).token_endpoint).toBe(`${origin}/${tenantId}/oauth2/v2.0/token`);
  const { headers } = await fetchTls(new DemoApp({ origin, tenantId }).authorizeUrl());
  expect(headers.location).toMatch(/^\/[0-9a-f-]{36}\/interaction\//);
  expect(String(headers['set-cookie'])).toMatch(/tenant_interaction_\d+=.*; secure/i);
});

test('tls-wrong-name: the next connection gets the certificate of another host, the one after it the right one', async () => {
  tenant.faults.arm('tls-wrong-name', 1);
  const name = () =>
    new Promise<string>((resolve, reject) => {
      const options = { port: server.port, host: 'localhost', servername: 'localhost', rejectUnauthorized: false };
      const socket = connect(options, () => {
        resolve(String(socket.getPeerCertificate().subjectaltname));
        socket.destroy();
      }).on('error', reject);
    });
  expect(await name()).toBe('DNS:another-host.invalid');
  expect(await name()).toBe('DNS:localhost');
});

test('tls-wrong-name is refused by a client that checks names', async () => {
  tenant.faults.arm('tls-wrong-name', 1);
  await expect(fetchTls(`${origin}/livez`, { ca: server.certificate })).rejects.toThrow();
  expect((await fetchTls(`${origin}/livez`)).status).toBe(200);
});

test('a client that aborts the connection or speaks plain http does no harm', async () => {
  await expect(fetch(`http://localhost:${server.port}/livez`)).rejects.toThrow();
  await new Promise<void>((resolve) => {
    const socket = connect({ port: server.port, host: 'localhost', rejectUnauthorized: false }, () => {
      socket.write('GET / HTTP/1.1\r\n');
      socket.destroy();
      resolve();
    });
  });
  expect((await fetchTls(`${origin}/livez`)).status).toBe(200);
});

test('a connection that is reset behind TLS also ends for the client', async () => {
  tenant.faults.arm('token-reset', 1);
  const { token } = endpointPaths(tenant.config);
  await expect(fetchTls(`${origin}${token}`, { method: 'POST' })).rejects.toThrow();
});

test('a port that is taken is refused with what to do', async () => {
  const another = serveWithTls(createApp(tenant), server.port, tenant);
  await expect(another).rejects.toThrow(/^Port \d+ is taken by another program\. Stop it, or set another PORT\.$/);
});

test('behind a TLS proxy, the links and cookies follow BASE_URL', () => {
  expect(readTenantConfig({ BASE_URL: 'https://tenant.test' })).toMatchObject({ hasOwnTls: false });
  expect(readTenantConfig({ TENANT_TLS: '1' }).baseUrl).toBe('https://localhost:3002');
  expect(() => readTenantConfig({ TENANT_TLS: '1', BASE_URL: 'http://tenant.test' })).toThrow(
    'BASE_URL must be https with TENANT_TLS=1',
  );
  expect(() => readTenantConfig({ TENANT_TLS: 'yes' })).toThrow('TENANT_TLS must be 0 or 1');
});
