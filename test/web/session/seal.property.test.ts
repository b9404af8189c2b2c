import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecord, recordKinds, sealRecord } from '../../../src/web/session/seal.ts';

const sessionId = 'a-session-id-of-43-characters-0123456789abc';
const sound = sealRecord('session', sessionId, '{"customer":{"oid":"o","name":"Alice"},"signedInAt":1}');
const kinds = fc.constantFrom(...recordKinds);

describe('openRecord', () => {
  it('does not open bytes that were not sealed', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const check = (kind: (typeof recordKinds)[number], sealed: Uint8Array, id: string) =>
      openRecord(kind, id, Buffer.from(sealed)) === undefined;
    fc.assert(fc.property(kinds, bytes, fc.string(), check), { numRuns: 500 });
  });

  it('does not open a record that was changed, shortened or lengthened', () => {
    const change = fc.record({ at: fc.nat(sound.length), cut: fc.nat(40), insert: fc.uint8Array({ maxLength: 40 }) });
    const check = ({ at, cut, insert }: { at: number; cut: number; insert: Uint8Array }) => {
      const changed = Buffer.concat([sound.subarray(0, at), insert, sound.subarray(at + cut)]);
      return changed.equals(sound) || openRecord('session', sessionId, changed) === undefined;
    };
    fc.assert(fc.property(change, check), { numRuns: 500 });
  });

  it('opens any text again, only for its own session and kind', () => {
    const check = (kind: (typeof recordKinds)[number], id: string, text: string) => {
      const sealed = sealRecord(kind, id, text);
      expect(openRecord(kind, id, sealed)).toBe(text);
      expect(openRecord(kind, `${id}x`, sealed)).toBeUndefined();
      for (const other of recordKinds) if (other !== kind) expect(openRecord(other, id, sealed)).toBeUndefined();
    };
    fc.assert(fc.property(kinds, fc.string(), fc.string({ unit: 'binary' }), check), { numRuns: 500 });
  });
});
