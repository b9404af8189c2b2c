import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchMetadata, type TenantMetadata, TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import { TenantKeys } from '../../src/entra/TenantKeys.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';

const http = createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 100_000 });
const log = createLogger('test', 'json', () => {});
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
let tenant: SigningTenant;
let keys: TenantKeys;
let nowMs: number;
let metadata: TenantMetadata;

beforeEach(async () => {
  tenant = await startSigningTenant();
  nowMs = 0;
  const settings = { subdomain: 'contoso', tenantId: tenant.tenantId, metadataUrl: tenant.metadataUrl };
  metadata = await fetchMetadata(settings, http);
  tenant.requests.length = 0;
  keys = new TenantKeys({ metadata: { current: () => metadata }, http, log, now: () => nowMs });
});

afterEach(() => tenant.stop());

const signed = (header = {}) => tenant.sign({ sub: 'anyone' }, header);
const verify = (token: string) => jwtVerify(token, keys.get, { algorithms: ['RS256'] });

describe('TenantKeys', () => {
  it('verifies with the published key and fetches it once for many', async () => {
    const token = signed();
    await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(tenant.requests).toHaveLength(1);
  });

  it('fetches again after ten minutes', async () => {
    await verify(signed());
    nowMs += 10 * minuteMs - 1;
    await verify(signed());
    expect(tenant.requests).toHaveLength(1);
    nowMs += 1;
    await verify(signed());
    expect(tenant.requests).toHaveLength(2);
  });

  it('B-39 finds a key that was rotated in just after the last fetch, with one fetch for 100 requests', async () => {
    await verify(signed());
    await tenant.rotate();
    const token = signed();
    await Promise.all(Array.from({ length: 100 }, () => verify(token)));
    expect(tenant.requests).toHaveLength(2);
  });

  it('refuses a withdrawn key after the next fetch', async () => {
    const token = signed();
    await verify(token);
    await tenant.rotate();
    tenant.keys.shift();
    nowMs += 10 * minuteMs;
    await expect(verify(token)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  it('B-40 fetches at most once a cooldown in a flood of unknown keys, and serves valid tokens meanwhile', async () => {
    const good = signed();
    await verify(good);
    const flood = async () => {
      const tokens = Array.from({ length: 50 }, (_, index) => signed({ kid: `unknown ${index}` }));
      return Promise.allSettled(tokens.map(verify));
    };
    for (const fetches of [2, 2, 3]) {
      const results = await flood();
      expect(results.every(({ status }) => status === 'rejected')).toBe(true);
      for (const result of results) expect(result).toHaveProperty('reason.code', 'ERR_JWKS_NO_MATCHING_KEY');
      await verify(good);
      expect(tenant.requests).toHaveLength(fetches);
      nowMs += 2.5 * secondMs;
    }
  });

  it.each(['away', 'redirect', 500, 404] as const)(
    'B-41 goes on with the last good keys for 24 hours while the tenant answers %s, and no longer',
    async (mood) => {
      const token = signed();
      await verify(token);
      tenant.mood = mood;
      nowMs += 9 * minuteMs;
      await verify(token);
      expect(tenant.requests).toHaveLength(1);
      nowMs += hourMs;
      await verify(token);
      nowMs = 24 * hourMs - 1;
      await verify(token);
      nowMs += 1;
      await expect(verify(token)).rejects.toThrow(TenantUnavailable);
      tenant.mood = 'well';
      nowMs += 5 * secondMs;
      await verify(token);
    },
  );

  it('does not use the keys of a former jwks_uri, even if the new one cannot be read', async () => {
    const token = signed();
    await verify(token);
    metadata = { ...metadata, jwksUri: `${tenant.origin}/moved/keys` };
    tenant.mood = 500;
    for (const _ of Array(20)) await expect(verify(token)).rejects.toThrow(TenantUnavailable);
    expect(tenant.requests).toHaveLength(2);
    tenant.mood = 'well';
    tenant.keys.length = 0;
    await tenant.rotate();
    nowMs += 5 * secondMs;
    await verify(signed());
    await expect(verify(token)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    expect(tenant.requests.slice(1)).toEqual(Array(3).fill('/moved/keys'));
  });

  it('B-41 throws TenantUnavailable when there never were keys', async () => {
    tenant.mood = 'away';
    await expect(verify(signed())).rejects.toThrow(TenantUnavailable);
  });

  it('throws TenantUnavailable, not "unknown key", when it cannot ask for a key', async () => {
    await verify(signed());
    tenant.mood = 'away';
    await expect(verify(signed({ kid: 'new' }))).rejects.toThrow(TenantUnavailable);
  });

  it('waits for the cooldown after a failed fetch, too', async () => {
    tenant.mood = 500;
    const token = signed();
    for (const _ of Array(20)) await expect(verify(token)).rejects.toThrow(TenantUnavailable);
    expect(tenant.requests).toHaveLength(1);
    nowMs += 5 * secondMs;
    await expect(verify(token)).rejects.toThrow(TenantUnavailable);
    expect(tenant.requests).toHaveLength(2);
  });

  it('ignores keys that it cannot use', async () => {
    const [good] = tenant.keys;
    const kid = tenant.key.kid;
    tenant.keys.push(
      { kty: 'EC', crv: 'P-999', kid, use: 'sig' },
      { kty: 'RSA', kid, n: '!', e: 'AQAB' },
      { kty: 'RSA', kid, n: 'AQAB', e: 'AQAB' },
      { ...good, use: 'enc' },
      { ...good, alg: 'PS512' },
      { kty: 'oct', kid, k: 'c2VjcmV0' },
      ['not', 'a', 'key'],
    );
    await verify(signed());
  });

  it('keeps the good keys when a set without any usable key is published', async () => {
    const token = signed();
    await verify(token);
    tenant.keys.length = 0;
    nowMs += hourMs;
    await verify(token);
  });

  it('gives up on a fetch that is not answered in 1.5 s', async () => {
    await verify(signed());
    tenant.mood = 'silent';
    await expect(verify(signed({ kid: 'new' }))).rejects.toThrow(TenantUnavailable);
  });
});
