import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { errors, exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import { TenantKeys } from '../../src/entra/TenantKeys.ts';
import { changedObjects, jsonObjects, trickyJson } from '../support/arbitraries.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const sound = { ...(await exportJWK(publicKey)), use: 'sig', kid: 'k' };
const token = { payload: 'e30', signature: 'AA' };

const keySets = fc.oneof(
  fc.array(fc.oneof(changedObjects(sound), jsonObjects(), trickyJson), { maxLength: 4 }).map((keys) => ({ keys })),
  trickyJson.map((keys) => ({ keys })),
  trickyJson,
);
const headers = fc.record(
  { alg: fc.constantFrom('RS256', 'HS256', 'none', 'ES256', ''), kid: fc.oneof(fc.constant('k'), fc.string()) },
  { requiredKeys: ['alg'] },
);

describe('TenantKeys', () => {
  it('finds an RSA key in any key set or says that there is none', async () => {
    const check = async (keySet: unknown, header: { alg: string; kid?: string }) => {
      const http = { request: async () => ({ status: 200, headers: {}, body: JSON.stringify(keySet) ?? '' }) };
      const metadata = { current: () => ({ jwksUri: 'https://tenant.example/keys' }) };
      const keys = new TenantKeys({ metadata: metadata as never, http, log: silent });
      const found = await Promise.resolve(keys.get(header, token)).catch((error: unknown) => error);
      if (found instanceof Error) {
        expect(found instanceof TenantUnavailable || found instanceof errors.JOSEError, String(found)).toBe(true);
      } else {
        expect(found).toMatchObject({ type: 'public', algorithm: { name: 'RSASSA-PKCS1-v1_5' } });
      }
    };
    await fc.assert(fc.asyncProperty(keySets, headers, check), { numRuns: 300 });
  });
});
