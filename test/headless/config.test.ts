import { describe, expect, it } from 'vitest';
import { readHeadlessConfig } from '../../src/headless/config.ts';
import { type Environment, SettingsError } from '../../src/runtime/settings.ts';

const guid = '11111111-2222-4333-8444-555555555555';
const complete = { TENANT_SUBDOMAIN: 'contoso', HEADLESS_CLIENT_ID: guid, TODO_API_CLIENT_ID: guid };
const local = 'http://localhost:3002/t/v2.0/.well-known/openid-configuration';

function problemsOf(environment: Environment): readonly string[] {
  try {
    readHeadlessConfig(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('readHeadlessConfig', () => {
  it('reads the required settings and the defaults', () => {
    expect(readHeadlessConfig(complete)).toEqual({
      tenant: { subdomain: 'contoso', tenantId: undefined, domain: undefined, metadataUrl: undefined },
      clientId: guid,
      todoApiUrl: 'http://localhost:3001',
      todoApiClientId: guid,
    });
  });

  it('reads every setting', () => {
    const settings = { TENANT_ID: guid, METADATA_URL: local, TODO_API_URL: 'https://api.example.com/' };
    expect(readHeadlessConfig({ ...complete, ...settings })).toMatchObject({
      tenant: { tenantId: guid, metadataUrl: local },
      todoApiUrl: 'https://api.example.com',
    });
  });

  it('names all missing settings at once', () => {
    const missing = ['TENANT_SUBDOMAIN', 'HEADLESS_CLIENT_ID', 'TODO_API_CLIENT_ID'];
    expect(problemsOf({})).toEqual(missing.map((name) => `${name} is missing`));
  });

  it.each([
    ['HEADLESS_CLIENT_ID', 'To-do terminal', {}],
    ['TODO_API_CLIENT_ID', 'api://x', {}],
    ['TODO_API_URL', 'http://api.example.com', {}],
    ['METADATA_URL', 'https://tenant.example/x', {}],
    ['METADATA_URL', local, { NODE_ENV: 'production' }],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', { NODE_ENV: 'production' }],
  ])('refuses %s=%s with %j', (name, value, others) => {
    const problems = problemsOf({ ...complete, ...others, [name]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} \\S`))]);
  });
});
