import { describe, expect, test } from 'vitest';
import { planDev } from '../src/devSettings.ts';
import { SettingsError } from '../src/runtime/settings.ts';

const asked: string[] = [];

async function local(tenantPort: number, redirectUri: string) {
  asked.push(redirectUri);
  const settings = {
    TENANT_SUBDOMAIN: 'contoso',
    CLIENT_ID: 'local-client',
    CLIENT_SECRET: 'local-secret',
    TODO_API_CLIENT_ID: 'local-api',
    METADATA_URL: `http://localhost:${tenantPort}/metadata`,
  };
  return { settings, signIns: ['alice or bob with the password Pa55', 'carol with the password S3sam'] };
}

async function environments(given: Record<string, string>) {
  const { programs } = await planDev(given, local);
  return Object.fromEntries(programs.map(({ name, environment }) => [name, environment]));
}

describe('without a tenant of one’s own', () => {
  test('the local tenant is started first, and the others are fitted to it', async () => {
    const { programs } = await planDev({}, local);
    expect(programs.map(({ name, port }) => [name, port])).toEqual([
      ['tenant', 3002],
      ['api', 3001],
      ['web', 3000],
    ]);
    const { web, api, tenant } = await environments({});
    expect(web).toMatchObject({
      PORT: '3000',
      BASE_URL: 'http://localhost:3000',
      TENANT_SUBDOMAIN: 'contoso',
      CLIENT_SECRET: 'local-secret',
      METADATA_URL: 'http://localhost:3002/metadata',
    });
    expect(web?.SESSION_SECRET).toMatch(/^local-development-only.{10,}$/);
    expect(tenant).toMatchObject({ PORT: '3002', BASE_URL: 'http://localhost:3002' });
    expect(api).toMatchObject({ PORT: '3001', TODO_API_CLIENT_ID: 'local-api' });
  });

  test('addresses follow the ports', async () => {
    const moved = await environments({ PORT: '4000', API_PORT: '4001', TENANT_PORT: '4002' });
    expect(moved.web).toMatchObject({ PORT: '4000', BASE_URL: 'http://localhost:4000' });
    expect(moved.web).toMatchObject({ TODO_API_URL: 'http://localhost:4001' });
    expect(moved.api?.METADATA_URL).toMatch(/^http:\/\/localhost:4002\//);
  });

  test('a custom domain, production, or an empty client id of the shell does not get through', async () => {
    const { web } = await environments({ NODE_ENV: 'production', TENANT_DOMAIN: 'login.example.com', CLIENT_ID: ' ' });
    expect(web).toMatchObject({ NODE_ENV: 'development', TENANT_DOMAIN: '', CLIENT_ID: 'local-client' });
  });

  test('a certificate or vault of the shell does not take the place of the secret that the local tenant knows', async () => {
    const others = { CLIENT_CERTIFICATE_PATH: 'web.pem', KEY_VAULT_URL: 'https://contoso.vault.azure.net' };
    const { web } = await environments({ ...others, CERTIFICATE_NAME: 'web' });
    const none = { CLIENT_CERTIFICATE_PATH: '', KEY_VAULT_URL: '', CERTIFICATE_NAME: '' };
    expect(web).toMatchObject({ ...none, CLIENT_SECRET: 'local-secret' });
  });

  test('Redis and session lifetimes are passed on', async () => {
    const given = { REDIS_URL: 'redis://localhost:6379', SESSION_IDLE_MINUTES: '5' };
    const { web, api } = await environments(given);
    expect(web).toMatchObject(given);
    expect(api).toMatchObject({ REDIS_URL: 'redis://localhost:6379' });
  });

  test('the welcome names page, customers, password and inbox', async () => {
    const { welcome } = await planDev({ PORT: '4000', TENANT_PORT: '4002' }, local);
    expect(welcome).toMatch(
      /http:\/\/localhost:4000\n.* as alice or bob with the password Pa55\n.* as carol with .*\n.*localhost:4002\/inbox/,
    );
    expect(asked.at(-1)).toBe('http://localhost:4000/auth/redirect');
  });
});

describe('with a tenant of one’s own', () => {
  const own = { TENANT_SUBDOMAIN: 'fabrikam', CLIENT_ID: 'dddddddd-0000-0000-0000-000000000000' };

  test('only API and web app are started, with those settings and nothing of the local tenant', async () => {
    const given = { ...own, CLIENT_SECRET: 'own-secret', TODO_API_CLIENT_ID: 'eeeeeeee-0000-0000-0000-000000000000' };
    const askedBefore = asked.length;
    const { api, web, tenant } = await environments(given);
    expect([tenant, asked.length]).toEqual([undefined, askedBefore]);
    expect(web).toMatchObject({ ...given, BASE_URL: 'http://localhost:3000' });
    expect(api).toMatchObject({ TENANT_SUBDOMAIN: 'fabrikam', TODO_API_CLIENT_ID: given.TODO_API_CLIENT_ID });
    expect(web).not.toHaveProperty('METADATA_URL');
  });

  test.each(['TENANT_SUBDOMAIN', 'CLIENT_ID'] as const)(
    'half of it, %s, is not completed by the local tenant',
    async (name) => {
      const { web, tenant } = await environments({ [name]: own[name] });
      expect(tenant).toBeUndefined();
      expect(web?.CLIENT_SECRET).toBeUndefined();
      expect(web?.TENANT_ID).toBeUndefined();
    },
  );

  test('an address of one’s own is kept, and the welcome says which tenant it is', async () => {
    const { welcome } = await planDev({ ...own, BASE_URL: 'https://app.example.com' }, local);
    expect(welcome).toMatch(/your tenant fabrikam[\s\S]+https:\/\/app\.example\.com\/auth\/redirect/);
  });
});

test.each(['PORT', 'API_PORT', 'TENANT_PORT'])('a wrong %s is refused by name', async (name) => {
  await expect(planDev({ [name]: '70000' }, local)).rejects.toThrow(SettingsError);
  await expect(planDev({ [name]: '0' }, local)).rejects.toThrow(new RegExp(`${name} must be`));
});
