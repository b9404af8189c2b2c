import { describe, expect, it } from 'vitest';
import { readApiConfig } from '../../src/api/config.ts';
import { type Environment, SettingsError } from '../../src/runtime/settings.ts';

const id = '11111111-2222-4333-8444-555555555555';
const other = 'aaaaaaaa-2222-4333-8444-555555555555';
const least = { TENANT_SUBDOMAIN: 'contoso', TODO_API_CLIENT_ID: id };
const production = { ...least, NODE_ENV: 'production', REDIS_URL: 'rediss://cache.example.com:10000' };

function problemsOf(environment: Environment): readonly string[] {
  try {
    readApiConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe('readApiConfig', () => {
  it('needs a tenant and the client id only, and has defaults for the rest', () => {
    expect(readApiConfig(least)).toEqual({
      port: 3001,
      tenant: { subdomain: 'contoso', tenantId: undefined, domain: undefined, metadataUrl: undefined },
      clientId: id,
      allowedClientIds: undefined,
      redisUrl: undefined,
      writesPerMinute: 120,
      logFormat: 'text',
    });
  });

  it('reads every setting', () => {
    const config = readApiConfig({
      ...least,
      PORT: '8080',
      TENANT_ID: other.toUpperCase(),
      TENANT_DOMAIN: 'login.example.com',
      ALLOWED_CLIENT_IDS: `${id}, ${other.toUpperCase()}`,
      REDIS_URL: 'redis://localhost:6379',
      METADATA_URL: 'http://localhost:3002/metadata',
    });
    expect(config).toMatchObject({ port: 8080, allowedClientIds: [id, other], redisUrl: 'redis://localhost:6379' });
    expect(config.tenant).toEqual({
      subdomain: 'contoso',
      tenantId: other,
      domain: 'login.example.com',
      metadataUrl: 'http://localhost:3002/metadata',
    });
  });

  it('starts in production when all is there, and logs for machines', () => {
    expect(readApiConfig(production)).toMatchObject({ logFormat: 'json', redisUrl: production.REDIS_URL });
  });

  it.each<[string, Environment, string]>([
    ['no client id', { TENANT_SUBDOMAIN: 'contoso' }, 'TODO_API_CLIENT_ID is missing'],
    ['no tenant', { TODO_API_CLIENT_ID: id }, 'TENANT_SUBDOMAIN is missing'],
    ['a client id that is a URI', { ...least, TODO_API_CLIENT_ID: `api://${id}` }, 'TODO_API_CLIENT_ID must be a GUID'],
    ['a list with a gap', { ...least, ALLOWED_CLIENT_IDS: `${id},` }, 'ALLOWED_CLIENT_IDS'],
    ['a port with letters', { ...least, PORT: '3001a' }, 'PORT must be a port number'],
    ['another URL for Redis', { ...least, REDIS_URL: 'http://localhost:6379' }, 'REDIS_URL must be redis://'],
    ['no number of changes', { ...least, WRITES_PER_MINUTE: '0' }, 'WRITES_PER_MINUTE must be a whole number from 1'],
    ['no Redis in production', { ...production, REDIS_URL: '' }, 'REDIS_URL is missing'],
    [
      'the local tenant in production',
      { ...production, METADATA_URL: 'http://localhost:3002' },
      'METADATA_URL is for the',
    ],
    [
      'no TLS check in production',
      { ...production, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      'NODE_TLS_REJECT_UNAUTHORIZED',
    ],
  ])('refuses %s and says which setting it is', (_, environment, problem) => {
    expect(problemsOf(environment)).toEqual([expect.stringContaining(problem)]);
  });

  it('names all problems at once and repeats no value', () => {
    const environment = {
      NODE_ENV: 'production',
      METADATA_URL: 'http://secret.example.com',
      TODO_API_CLIENT_ID: 'secret',
    };
    const problems = problemsOf(environment);
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toContain('secret');
  });
});
