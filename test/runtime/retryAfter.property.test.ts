import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/runtime/httpClient.ts';

const values = fc.oneof(fc.constantFrom('5', '300', '301', '99999', '-1', '1.5', '1e9', ''), fc.nat().map(String));

test('any Retry-After is a whole number of seconds up to five minutes, or ignored', () => {
  fc.assert(
    fc.property(fc.oneof(values, fc.string({ unit: 'binary' })), (value) => {
      const seconds = parseRetryAfter(value) ?? 0;
      expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 300).toBe(true);
    }),
  );
});

test('every Retry-After in whole seconds is read, and shortened to five minutes', () => {
  fc.assert(
    fc.property(fc.nat(99_999), (seconds) => {
      expect(parseRetryAfter(String(seconds))).toBe(Math.min(seconds, 300));
    }),
  );
});
