import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { issuerOf, tenantAuthority, tenantFields, tenantOrigins } from '../../src/entra/authority.ts';
import { parseSettings, SettingsError } from '../../src/runtime/settings.ts';

const tenantId = 'a1b2c3d4-0000-4000-8000-0123456789ab';
const suffix = 'v2.0/.well-known/openid-configuration';

describe('tenantAuthority', () => {
  it.each([
    [
      'the subdomain and the tenant id',
      { subdomain: 'contoso', tenantId },
      'https://contoso.ciamlogin.com',
      `https://contoso.ciamlogin.com/${tenantId}/${suffix}`,
    ],
    [
      'the subdomain alone',
      { subdomain: 'contoso' },
      'https://contoso.ciamlogin.com',
      `https://contoso.ciamlogin.com/contoso.onmicrosoft.com/${suffix}`,
    ],
    [
      'a custom URL domain',
      { subdomain: 'contoso', tenantId, domain: 'login.example.com' },
      'https://login.example.com',
      `https://login.example.com/${tenantId}/${suffix}`,
    ],
    [
      'the local tenant',
      { subdomain: 'contoso', metadataUrl: `http://localhost:3002/${tenantId}/${suffix}` },
      'http://localhost:3002',
      `http://localhost:3002/${tenantId}/${suffix}`,
    ],
  ])('follows from %s', (_, settings, origin, metadataUrl) => {
    expect(tenantAuthority(settings)).toEqual({ origin, metadataUrl });
  });

  it('names the issuer by the tenant id only', () => {
    expect(issuerOf(tenantId)).toBe(`https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`);
  });
});

describe('tenantOrigins', () => {
  it.each([
    ['the one of the tenant’s name', {}, ['https://contoso.ciamlogin.com']],
    [
      'the custom URL domain and the tenant’s name',
      { domain: 'login.example.com' },
      ['https://login.example.com', 'https://contoso.ciamlogin.com'],
    ],
    [
      'the local tenant’s alone',
      { metadataUrl: 'http://localhost:3002/x', domain: 'login.example.com' },
      ['http://localhost:3002'],
    ],
  ])('are %s', (_which, settings, origins) => {
    expect(tenantOrigins({ subdomain: 'contoso', ...settings })).toEqual(origins);
  });
});

describe('tenantFields', () => {
  const read = (environment: Record<string, string>) =>
    parseSettings(z.object(tenantFields), { TENANT_SUBDOMAIN: 'contoso', ...environment });

  it('reads names in any case', () => {
    expect(read({ TENANT_ID: tenantId.toUpperCase(), TENANT_DOMAIN: 'Login.Example.com' })).toEqual({
      TENANT_SUBDOMAIN: 'contoso',
      TENANT_ID: tenantId,
      TENANT_DOMAIN: 'login.example.com',
    });
  });

  it.each([
    ['TENANT_DOMAIN', 'https://login.example.com'],
    ['TENANT_DOMAIN', 'login.example.com/path'],
    ['TENANT_DOMAIN', 'localhost'],
    ['TENANT_DOMAIN', '10.0.0.1'],
    ['TENANT_ID', 'contoso'],
    ['TENANT_SUBDOMAIN', 'contoso.onmicrosoft.com'],
    ['METADATA_URL', 'http://tenant.example.com/metadata'],
    ['METADATA_URL', 'https://localhost.example.com/metadata'],
    ['METADATA_URL', 'nonsense'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(SettingsError);
    expect(() => read({ [name]: value })).toThrow(name);
  });
});
