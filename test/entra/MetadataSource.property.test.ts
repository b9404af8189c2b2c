import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchMetadata, TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import { changedObjects, changedTexts, jsonObjects, trickyJson } from '../support/arbitraries.ts';

const tenantId = '5f4d1a2b-9d0c-4b7e-8a61-0c9f3e2d7b55';
const origin = 'https://contoso.ciamlogin.com';
const issuer = `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;
const sound = {
  issuer,
  authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
  token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
  jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
  end_session_endpoint: `${origin}/${tenantId}/oauth2/v2.0/logout`,
};

/** The metadata read from this document, or undefined where it is refused in the way that is declared. */
async function metadataOf(body: string, status = 200, expected: string | undefined = tenantId) {
  const http = { request: async () => ({ status, headers: {}, body }) };
  try {
    return await fetchMetadata({ subdomain: 'contoso', tenantId: expected }, http);
  } catch (error) {
    expect(error).toBeInstanceOf(TenantUnavailable);
    return undefined;
  }
}

const misleading = [
  'https://me:secret@contoso.ciamlogin.com/',
  `${origin}/token#part`,
  `${origin}@evil.example/`,
  `${origin}.evil.example`,
  'javascript:alert(1)',
  '//evil.example',
  '/token',
];
const endpoints = fc.oneof(
  trickyJson,
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  changedTexts(sound.token_endpoint),
  changedTexts(issuer),
  { arbitrary: fc.constantFrom(...misleading), weight: 4 },
);
const documents = fc.oneof(
  { arbitrary: changedObjects(sound, endpoints).map((document) => JSON.stringify(document)), weight: 6 },
  changedTexts(JSON.stringify(sound)),
  jsonObjects().map((document) => JSON.stringify(document)),
  fc.json(),
  fc.string({ unit: 'binary' }),
);

describe('fetchMetadata', () => {
  it('accepts only documents that name this tenant and its own origin', async () => {
    const check = async (document: string, expected: string | undefined) => {
      const metadata = await metadataOf(document, 200, expected);
      if (!metadata) return;
      expect([metadata.tenantId, metadata.issuer]).toEqual([tenantId, issuer]);
      const { authorizationEndpoint, tokenEndpoint, jwksUri, endSessionEndpoint } = metadata;
      for (const endpoint of [authorizationEndpoint, tokenEndpoint, jwksUri, endSessionEndpoint]) {
        const { username, password, hash, origin: found } = new URL(endpoint);
        expect([found, username, password, hash]).toEqual([origin, '', '', '']);
      }
      const forMsal: object = JSON.parse(metadata.msalAuthority.authorityMetadata);
      expect(Object.keys(forMsal).sort()).toEqual(Object.keys(sound).sort());
    };
    const property = fc.asyncProperty(documents, fc.constantFrom(tenantId, undefined), check);
    await fc.assert(property, { numRuns: 500 });
  });

  it('accepts a valid document with status 200 only', async () => {
    const check = async (status: number) =>
      ((await metadataOf(JSON.stringify(sound), status)) === undefined) === (status !== 200);
    await fc.assert(fc.asyncProperty(fc.integer({ min: 100, max: 999 }), check), { numRuns: 500, examples: [[200]] });
  });
});
