import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeClaims } from '../../src/web/claims.ts';
import { jsonObjects, trickyNames } from '../support/arbitraries.ts';

/** Claims as JSON can have them, and values of every other kind. */
const claims = fc.oneof(
  jsonObjects(fc.oneof(trickyNames, fc.constantFrom('name', 'oid', 'exp', 'auth_time', 'roles'))),
  fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true })),
  fc.dictionary(fc.constantFrom('iat', 'nbf', 'exp', 'auth_time'), fc.oneof(fc.double(), fc.maxSafeInteger())),
);

describe('describeClaims', () => {
  it('A-83 A-84 describes any claims, each once and with a length limit, and does not change them', () => {
    const untouched = Object.getOwnPropertyNames(Object.prototype);
    const check = (given: Record<string, unknown>) => {
      const described = describeClaims(given);
      expect(described.map(({ name }) => name).sort()).toEqual(Object.keys(given).sort());
      for (const { value, meaning, identifier } of described) {
        expect(value).toBeTypeOf('string');
        expect(value.length).toBeLessThan(2_010);
        expect(meaning).toMatch(/^[A-Z].*[.]$/);
        expect(typeof (identifier?.suitable ?? true)).toBe('boolean');
      }
      expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(untouched);
    };
    fc.assert(fc.property(claims, check), { numRuns: 300 });
  });

  it('calls no claim except oid and sub an identifier, whatever the claims are named', () => {
    const check = (given: Record<string, unknown>) =>
      describeClaims(given).every(({ name, identifier }) => !identifier?.suitable || name === 'oid' || name === 'sub');
    const names = fc.oneof(trickyNames, fc.constantFrom('oid', 'sub', 'email', 'upn', 'OID', 'oid ', 'ｏid'));
    fc.assert(fc.property(jsonObjects(names), check), { numRuns: 300 });
  });
});
