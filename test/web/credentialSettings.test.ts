import { describe, expect, it } from 'vitest';
import { type Environment, SettingsError } from '../../src/runtime/settings.ts';
import { readWebConfig } from '../../src/web/config.ts';

const guid = '11111111-2222-4333-8444-555555555555';
const withoutCredential = {
  TENANT_SUBDOMAIN: 'contoso',
  CLIENT_ID: guid,
  SESSION_SECRET: 'f8Kq2vXw7ZbN4mLpR9sTyUcEaHdJgQ0i',
  TODO_API_CLIENT_ID: guid,
};
const production = {
  ...withoutCredential,
  NODE_ENV: 'production',
  BASE_URL: 'https://app.example.com',
  REDIS_URL: 'rediss://:redis-password@redis.example.com:6380',
};
const secret = { CLIENT_SECRET: 'the-client-secret' };
const file = { CLIENT_CERTIFICATE_PATH: 'web.pfx', CLIENT_CERTIFICATE_PASSWORD: 'of the file' };
const vault = { KEY_VAULT_URL: 'https://contoso-web.vault.azure.net/', CERTIFICATE_NAME: 'web-app' };

const credentialOf = (given: Environment) => readWebConfig({ ...withoutCredential, ...given }).credential;

function problemsOf(given: Environment): readonly string[] {
  try {
    readWebConfig({ ...withoutCredential, ...given });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error('the settings were accepted');
}

const fromFile = { kind: 'file', path: 'web.pfx', password: 'of the file' };
const fromVault = { kind: 'vault', vaultUrl: 'https://contoso-web.vault.azure.net', certificateName: 'web-app' };

describe('the credential of the settings', () => {
  it.each([
    ['a secret', secret, { kind: 'secret', secret: 'the-client-secret' }],
    ['a file', file, fromFile],
    ['a vault', vault, fromVault],
    ['a file before a secret', { ...secret, ...file }, fromFile],
    ['a vault before all', { ...secret, ...file, ...vault }, fromVault],
  ])('is %s', (_name, given, expected) => {
    expect(credentialOf(given)).toEqual(expected);
  });

  it('if missing is reported with every way to set one, beside all other problems', () => {
    expect(problemsOf({ CLIENT_ID: '' })).toEqual([
      'CLIENT_ID is missing',
      'CLIENT_SECRET is missing: set it, or CLIENT_CERTIFICATE_PATH, or KEY_VAULT_URL and CERTIFICATE_NAME',
    ]);
  });

  it.each([
    [{ KEY_VAULT_URL: vault.KEY_VAULT_URL }, 'CERTIFICATE_NAME is missing: it belongs to KEY_VAULT_URL'],
    [{ CERTIFICATE_NAME: 'web-app' }, 'KEY_VAULT_URL is missing: it belongs to CERTIFICATE_NAME'],
  ])('is not half a vault, even beside a secret: %j', (half, problem) => {
    expect(problemsOf({ ...secret, ...half })).toEqual([problem]);
  });

  it.each([
    ['KEY_VAULT_URL', 'http://contoso.vault.azure.net | https://vault.azure.net | https://a.vault.azure.net.example'],
    ['KEY_VAULT_URL', 'contoso-web | x:y | https://contoso.vault.azure.net/keys | https://contoso.example'],
    ['CERTIFICATE_NAME', 'web app | web_app | ../web | web/1'],
  ])('refuses a %s of %s', (name, values) => {
    for (const value of values.split(' | ')) {
      expect(problemsOf({ ...vault, [name]: value })).toEqual([expect.stringMatching(`^${name} must be`)]);
    }
  });

  it('accepts a vault on this machine for tests, but not in production', () => {
    const local = { ...vault, KEY_VAULT_URL: 'http://localhost:8200' };
    expect(credentialOf(local)).toMatchObject({ vaultUrl: 'http://localhost:8200' });
    expect(problemsOf({ ...production, ...local })).toEqual([expect.stringMatching('^KEY_VAULT_URL must be')]);
    expect(credentialOf({ ...production, ...vault })).toEqual(fromVault);
  });
});
