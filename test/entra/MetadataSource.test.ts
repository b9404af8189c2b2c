import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TenantSettings } from '../../src/entra/authority.ts';
import { fetchMetadata, MetadataSource, TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';

const http = createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 100_000 });
const otherTenant = 'a1b2c3d4-0000-4000-8000-0123456789ab';
let tenant: SigningTenant;
let lines: string[];
let sources: MetadataSource[];

beforeEach(async () => {
  tenant = await startSigningTenant();
  lines = [];
  sources = [];
});

afterEach(async () => {
  for (const source of sources) source.stop();
  await tenant.stop();
});

function settings(tenantId: string | undefined = tenant.tenantId) {
  return { subdomain: 'contoso', tenantId, metadataUrl: tenant.metadataUrl };
}

function sourceOf(given: TenantSettings = settings()) {
  const source = new MetadataSource({ settings: given, http, log: createLogger('test', 'json', (l) => lines.push(l)) });
  sources.push(source);
  return source;
}

describe('fetchMetadata', () => {
  it('gives MSAL an https authority and the trimmed document with the http endpoints', async () => {
    const metadata = await fetchMetadata(settings(), http);
    const host = new URL(tenant.origin).host;
    expect(metadata).toMatchObject({
      tenantId: tenant.tenantId,
      issuer: `https://${tenant.tenantId}.ciamlogin.com/${tenant.tenantId}/v2.0`,
      msalAuthority: { authority: `https://${host}/${tenant.tenantId}`, knownAuthorities: [host] },
      jwksUri: tenant.discovery.jwks_uri,
      endSessionEndpoint: tenant.discovery.end_session_endpoint,
      promisesIss: false,
    });
    const { scopes_supported, ...trimmed } = tenant.discovery;
    expect(scopes_supported).toBeDefined();
    expect(JSON.parse(metadata.msalAuthority.authorityMetadata)).toEqual(trimmed);
  });

  it.each([
    ['the issuer of another tenant', 'issuer', `https://${otherTenant}.ciamlogin.com/${otherTenant}/v2.0`],
    ['an issuer with a trailing slash', 'issuer', '<issuer>/'],
    ['an issuer of another host', 'issuer', 'https://login.microsoftonline.com/x/v2.0'],
    ['no issuer', 'issuer', undefined],
    ['an authorization endpoint elsewhere', 'authorization_endpoint', 'http://127.0.0.1:1/authorize'],
    ['an authorization endpoint that is a script', 'authorization_endpoint', 'javascript:alert(1)'],
    ['a token endpoint elsewhere', 'token_endpoint', 'https://example.com/token'],
    ['a token endpoint with a password', 'token_endpoint', '<origin with password>'],
    ['keys elsewhere', 'jwks_uri', 'https://example.com/keys'],
    ['keys that are no string', 'jwks_uri', 5],
    ['sign-out elsewhere', 'end_session_endpoint', '<origin>.example.com/logout'],
    ['no sign-out', 'end_session_endpoint', undefined],
    ['a promise of `iss` that is no boolean', 'authorization_response_iss_parameter_supported', 'true'],
  ])('refuses %s', async (_, field, value) => {
    const withPassword = tenant.origin.replace('//', '//me:secret@');
    tenant.discovery[field] =
      typeof value === 'string'
        ? value
            .replace('<issuer>', String(tenant.discovery.issuer))
            .replace('<origin with password>', `${withPassword}/token`)
            .replace('<origin>', tenant.origin)
        : value;
    await expect(fetchMetadata(settings(), http)).rejects.toThrow(TenantUnavailable);
  });

  it('says that the tenant promises an `iss` in its answers', async () => {
    tenant.discovery.authorization_response_iss_parameter_supported = true;
    expect((await fetchMetadata(settings(), http)).promisesIss).toBe(true);
  });

  it.each([500, 404, 201, 'redirect', 'away'] as const)('refuses a tenant that answers %s', async (mood) => {
    tenant.mood = mood;
    await expect(fetchMetadata(settings(), http)).rejects.toThrow(TenantUnavailable);
  });

  it.each(['<html>', 'null', '[]', ''])('refuses the document %j', async (body) => {
    const answering = { request: async () => ({ status: 200, headers: {}, body }) };
    await expect(fetchMetadata(settings(), answering)).rejects.toThrow('is not a discovery document');
  });

  it('never asks over http for a tenant that is not on this machine', async () => {
    const request = vi.fn();
    const given = { subdomain: 'contoso', metadataUrl: 'http://tenant.example.com/metadata' };
    await expect(fetchMetadata(given, { request })).rejects.toThrow('is not https');
    expect(request).not.toHaveBeenCalled();
  });
});

describe('MetadataSource', () => {
  it('is not ready at first, fetches in the background, and then gives the metadata', async () => {
    const source = sourceOf();
    expect(source.ready()).toBe(false);
    source.start();
    await vi.waitFor(() => expect(source.ready()).toBe(true));
    expect(source.current().tenantId).toBe(tenant.tenantId);
    expect(tenant.requests).toHaveLength(1);
  });

  it('throws TenantUnavailable while there is none; such calls fetch, once for many', async () => {
    const source = sourceOf();
    for (const _ of Array(50)) expect(() => source.current()).toThrow(TenantUnavailable);
    await vi.waitFor(() => expect(source.ready()).toBe(true));
    expect(tenant.requests).toHaveLength(1);
  });

  it('retries by itself until the tenant is available, and logs the failure once', async () => {
    tenant.mood = 'away';
    const source = sourceOf();
    source.start();
    await vi.waitFor(() => expect(tenant.requests.length).toBeGreaterThan(1), 5_000);
    tenant.mood = 'well';
    await vi.waitFor(() => expect(source.ready()).toBe(true), 5_000);
    expect(lines.filter((line) => line.includes('"error"'))).toHaveLength(1);
  });

  it('does not retry at once after a failure', async () => {
    const request = vi.fn(() => Promise.reject(new Error('refused')));
    const log = createLogger('test', 'json', (line) => lines.push(line));
    const source = new MetadataSource({ settings: settings(), http: { request }, log });
    expect(() => source.current()).toThrow(TenantUnavailable);
    await vi.waitUntil(() => lines.length > 0);
    for (const _ of Array(50)) expect(() => source.current()).toThrow(TenantUnavailable);
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('keeps the last good document when a refresh fails', async () => {
    const source = sourceOf();
    source.start();
    await vi.waitFor(() => expect(source.ready()).toBe(true));
    tenant.discovery.issuer = 'https://evil.example.com';
    source.start();
    await vi.waitFor(() => expect(lines.join()).toContain('evil.example.com'));
    expect(source.current().tenantId).toBe(tenant.tenantId);
  });

  it('learns a tenant id that is not set, advises once to pin it, and keeps it', async () => {
    const source = sourceOf({ subdomain: 'contoso', metadataUrl: tenant.metadataUrl });
    source.start();
    await vi.waitFor(() => expect(source.ready()).toBe(true));
    expect(source.current().tenantId).toBe(tenant.tenantId);
    tenant.discovery.issuer = `https://${otherTenant}.ciamlogin.com/${otherTenant}/v2.0`;
    source.start();
    await vi.waitFor(() => expect(lines.join()).toContain('Tenant metadata unavailable or unusable'));
    expect(source.current().tenantId).toBe(tenant.tenantId);
    expect(lines.filter((line) => line.includes('pin it'))).toHaveLength(1);
  });

  it.each(['https://evil.example.com/x/v2.0', 'https://contoso.ciamlogin.com/contoso/v2.0'])(
    'does not learn a tenant id from the issuer %s',
    async (issuer) => {
      tenant.discovery.issuer = issuer;
      const given = { subdomain: 'contoso', metadataUrl: tenant.metadataUrl };
      await expect(fetchMetadata(given, http)).rejects.toThrow('names the issuer');
    },
  );

  it('stops asking when it is stopped', async () => {
    tenant.mood = 'away';
    const source = sourceOf();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      source.start();
      await vi.waitUntil(() => lines.length > 0 && vi.getTimerCount() > 0);
      source.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
