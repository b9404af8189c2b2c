import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/entra/terminal/CommandError.ts';
import { readRegistrationConfig } from '../../src/registration/config.ts';
import { type Environment, SettingsError } from '../../src/runtime/settings.ts';

const graphUrl = 'https://graph.microsoft.com/v1.0';
const read = (environment: Environment, tenant?: string, isLocal = false) =>
  readRegistrationConfig(environment, { tenant, isLocal });
const metadataUrl = 'http://localhost:4002/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration';
const id = '00001111-aaaa-2222-bbbb-3333cccc4444';

describe('the tenant to register in', () => {
  it.each([
    ['in the arguments', { TENANT_ID: id, METADATA_URL: metadataUrl }, 'fabrikam.onmicrosoft.com'],
    ['in TENANT_ID', { TENANT_ID: id, TENANT_SUBDOMAIN: 'contoso' }, id],
    ['in TENANT_SUBDOMAIN', { TENANT_SUBDOMAIN: 'contoso' }, 'contoso.onmicrosoft.com'],
  ])('is the one %s', (_what, environment, name) => {
    const given = name.startsWith('fabrikam') ? name : undefined;
    expect(read(environment, given)).toEqual({ tenant: { kind: 'real', name }, graphUrl, graphToken: undefined });
  });

  it('is the local one if METADATA_URL is set, with Graph on the same origin', () => {
    expect(read({ METADATA_URL: metadataUrl, TENANT_ID: id })).toMatchObject({
      tenant: { kind: 'local', settings: { metadataUrl } },
      graphUrl: 'http://localhost:4002/graph/v1.0',
    });
  });

  it('is with --local the one that npm run tenant starts, unless METADATA_URL names another', () => {
    expect(read({}, undefined, true).graphUrl).toBe('http://localhost:3002/graph/v1.0');
    expect(read({ METADATA_URL: metadataUrl }, undefined, true).graphUrl).toBe('http://localhost:4002/graph/v1.0');
  });

  it('must be named', () => {
    expect(() => read({})).toThrow(UsageError);
  });

  it('cannot have METADATA_URL on another machine, which would get the token', () => {
    expect(() => read({ METADATA_URL: 'https://evil.example/v2.0/.well-known/openid-configuration' })).toThrow(
      SettingsError,
    );
  });
});
