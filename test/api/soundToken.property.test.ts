import { randomUUID } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, clientId } from './apiHarness.ts';
import { holdsFor, startVerifier, type Verifier } from './verifierHarness.ts';

let verifier: Verifier;

beforeAll(async () => {
  verifier = await startVerifier();
});

afterAll(() => verifier.tenant.stop());

const now = () => Math.floor(Date.now() / 1_000);
const json = fc.jsonValue({ maxDepth: 3 });
const isText = (value: unknown): value is string => typeof value === 'string';
/** What each claim must be, written down once more and apart from the product. */
const soundness: Record<string, (value: unknown) => boolean> = {
  iss: (iss) => iss === claimsOf(verifier.tenant).iss,
  aud: (aud) => aud === clientId || (Array.isArray(aud) && aud.includes(clientId)),
  tid: (tid) => tid === verifier.tenant.tenantId,
  ver: (ver) => ver === '2.0',
  sub: (sub) => isText(sub) && sub !== '',
  oid: (oid) => isText(oid) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(oid),
  azp: (azp) => azp === undefined || isText(azp),
  exp: (exp) => typeof exp === 'number' && exp > now(),
  iat: (iat) => typeof iat === 'number' && iat <= now(),
  nbf: (nbf) => nbf === undefined || (typeof nbf === 'number' && nbf <= now()),
  nonce: (nonce) => nonce === undefined,
};

describe('a token signed by the tenant', () => {
  it('is accepted or refused according to its claims', () => {
    const value: Arbitrary<unknown> = fc.oneof(
      json,
      fc.constant(undefined),
      fc.constant([clientId]),
      fc.integer({ min: 1 }),
      fc.uuid(),
    );
    return holdsFor(
      [fc.dictionary(fc.constantFrom(...Object.keys(soundness)), value, { maxKeys: 2 })],
      async (changed) => {
        const sound = Object.entries(changed).every(([name, given]) => soundness[name]?.(given));
        if (!sound) return verifier.expectRefused(verifier.token(changed));
        await verifier.verify([`Bearer ${verifier.token(changed)}`]);
      },
    );
  });

  it('is accepted whenever it is valid, and identifies its customer', () => {
    const own = fc.record({
      sub: fc.string({ minLength: 1, maxLength: 80 }),
      oid: fc.uuid().chain((oid) => fc.constantFrom(oid, oid.toUpperCase())),
      exp: fc.integer({ min: 10, max: 86_400 }).map((seconds) => now() + seconds),
      iat: fc.integer({ min: 10, max: 86_400 }).map((seconds) => now() - seconds),
      scp: fc.string({ maxLength: 80 }),
      aud: fc.constantFrom<unknown>(clientId, [clientId], [randomUUID(), clientId]),
    });
    const unknown = fc.dictionary(
      fc.string({ maxLength: 20 }).map((name) => `x_${name}`),
      json,
      { maxKeys: 5 },
    );
    return holdsFor(
      [fc.tuple(own, unknown), unknown, fc.constantFrom('Bearer', 'bearer', 'BEARER')],
      async ([claims, more], header, scheme) => {
        const token = verifier.token({ ...more, ...claims }, header);
        if (token.length > 16_384) return;
        expect(await verifier.verify([`${scheme} ${token}`])).toMatchObject({
          oid: claims.oid.toLowerCase(),
          scp: claims.scp,
        });
      },
    );
  });
});
