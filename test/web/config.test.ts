import { describe, expect, it } from 'vitest';
import { readWebConfig } from '../../src/web/config.ts';
import { complete, expectRefused, guid, problemsOf, production, secret } from './webSettings.ts';

describe('readWebConfig', () => {
  it('reads the required settings alone, with the development defaults', () => {
    expect(readWebConfig(complete)).toEqual({
      port: 3000,
      baseUrl: 'http://localhost:3000',
      isHttps: false,
      isProduction: false,
      tenant: { subdomain: 'contoso', tenantId: guid, domain: undefined, metadataUrl: undefined },
      clientId: guid,
      credential: { kind: 'secret', secret: 'the-client-secret' },
      sessionSecrets: [secret],
      sessionLifetime: { idleMs: 60 * 60_000, absoluteMs: 12 * 3_600_000 },
      redisUrl: undefined,
      trustedProxies: 0,
      signInsPerMinute: 60,
      tokenCallsPerSecond: 15,
      todoApiUrl: 'http://localhost:3001',
      todoApiClientId: guid,
    });
  });

  it('reads every other setting', () => {
    const config = readWebConfig({
      ...complete,
      PORT: '4000',
      TENANT_DOMAIN: 'Login.Example.com',
      METADATA_URL: 'http://localhost:3002/x/.well-known/openid-configuration',
      SESSION_SECRET: `${secret} , ${secret}2`,
      SESSION_IDLE_MINUTES: '5',
      SESSION_ABSOLUTE_HOURS: '1',
      REDIS_URL: 'redis://localhost:6379',
      TRUST_PROXY: '2',
      TODO_API_URL: 'http://api.internal/base/',
    });
    expect(config).toMatchObject({
      baseUrl: 'http://localhost:4000',
      tenant: { domain: 'login.example.com', metadataUrl: 'http://localhost:3002/x/.well-known/openid-configuration' },
      sessionSecrets: [secret, `${secret}2`],
      sessionLifetime: { idleMs: 5 * 60_000, absoluteMs: 3_600_000 },
      redisUrl: 'redis://localhost:6379',
      trustedProxies: 2,
      todoApiUrl: 'http://api.internal/base',
    });
  });

  it.each([{}, Object.fromEntries(Object.keys(complete).map((name) => [name, '  ']))])(
    'names every missing setting at once: %j',
    (environment) => {
      const missing = problemsOf(environment).map((problem) => problem.split(' ')[0]);
      const required = ['TENANT_SUBDOMAIN', 'CLIENT_ID', 'CLIENT_SECRET', 'SESSION_SECRET', 'TODO_API_CLIENT_ID'];
      expect(missing.toSorted()).toEqual(required.toSorted());
    },
  );

  it.each([
    'https://app.example.com',
    'https://app.example.com/',
    'HTTPS://APP.example.com:443',
    ' https://app.example.com ',
  ])('takes the origin of %j as the address of the app', (BASE_URL) => {
    const { baseUrl, isHttps } = readWebConfig({ ...complete, BASE_URL });
    expect({ baseUrl, isHttps }).toEqual({ baseUrl: 'https://app.example.com', isHttps: true });
  });

  it.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
    'takes %s as this machine',
    (BASE_URL) => {
      expect(readWebConfig({ ...complete, BASE_URL }).baseUrl).toBe(BASE_URL);
    },
  );

  it('accepts GUIDs and names in capitals, as Entra writes them', () => {
    const id = 'ABCDEFAB-CDEF-4BCD-8FAB-CDEFABCDEFAB';
    const config = readWebConfig({ ...complete, TENANT_ID: id, CLIENT_ID: ` ${id} `, TENANT_SUBDOMAIN: 'Contoso' });
    expect(config.tenant).toMatchObject({ tenantId: id.toLowerCase(), subdomain: 'contoso' });
    expect(config.clientId).toBe(id.toLowerCase());
  });

  it.each([{ WEBSITE_HOSTNAME: 'myapp.azurewebsites.net' }, { NODE_ENV: 'Production' }])(
    'is strict with %o',
    (given) => {
      expect(() => readWebConfig({ ...complete, ...given })).toThrow('REDIS_URL is missing');
    },
  );

  it.each([
    'a'.repeat(64),
    'abcabc12'.repeat(5),
    'changeme-changeme-changeme-1234567890',
    "crypto.randomBytes(48).toString('base64url')",
  ])('refuses a session secret that can be guessed: %s', (SESSION_SECRET) => {
    expectRefused({ ...complete, SESSION_SECRET }, 'SESSION_SECRET');
  });

  it('uses the host name that App Service provides, unless BASE_URL is set', () => {
    const hosted = { ...production, BASE_URL: undefined, WEBSITE_HOSTNAME: 'myapp.azurewebsites.net' };
    expect(readWebConfig(hosted).baseUrl).toBe('https://myapp.azurewebsites.net');
    expect(readWebConfig({ ...hosted, BASE_URL: ' ' }).baseUrl).toBe('https://myapp.azurewebsites.net');
    expect(readWebConfig({ ...hosted, BASE_URL: 'https://app.example.com' }).baseUrl).toBe('https://app.example.com');
  });
});

describe('readWebConfig in production', () => {
  it('accepts complete settings', () => {
    expect(readWebConfig(production)).toMatchObject({
      baseUrl: 'https://app.example.com',
      isHttps: true,
      isProduction: true,
      redisUrl: production.REDIS_URL,
      todoApiUrl: 'https://api.example.com',
    });
  });

  it('accepts an API and a Redis on the same machine', () => {
    const beside = { TODO_API_URL: 'http://localhost:3001', REDIS_URL: 'redis://127.0.0.1:6379' };
    expect(readWebConfig({ ...production, ...beside }).redisUrl).toBe(beside.REDIS_URL);
  });

  it.each<readonly [name: string, value: string | undefined]>([
    ['REDIS_URL', undefined],
    ['REDIS_URL', 'localhost'],
    ['REDIS_URL', 'redis://redis.example.com:6379'],
    ['BASE_URL', undefined],
    ['BASE_URL', 'http://app.example.com'],
    ['BASE_URL', 'http://localhost:3000'],
    ['SESSION_SECRET', undefined],
    ['SESSION_SECRET', 'x'.repeat(31)],
    ['SESSION_SECRET', 'local-development-only-secret-of-npm-run-dev'],
    ['SESSION_SECRET', `${secret},local-development-only-secret-of-npm-run-dev`],
    ['METADATA_URL', 'http://localhost:3002/.well-known/openid-configuration'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
    ['TODO_API_URL', 'http://api.example.com'],
  ])('refuses %s %s', (name, value) => {
    expectRefused({ ...production, [name]: value }, name);
  });
});
