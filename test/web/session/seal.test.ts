import { describe, expect, it } from 'vitest';
import { openRecord, recordKey, recordKinds, sealRecord } from '../../../src/web/session/seal.ts';

const sessionId = 'a-session-id-of-43-characters-0123456789abc';
const record = JSON.stringify({ customer: { oid: 'an-object-id', name: 'Alice Ä 😀' }, signedInAt: 1 });

describe('sealRecord and openRecord', () => {
  it.each(recordKinds)('open what they sealed: %s', (kind) => {
    expect(openRecord(kind, sessionId, sealRecord(kind, sessionId, record))).toBe(record);
  });

  it('show nothing of the record or the session id', () => {
    const text = sealRecord('session', sessionId, record).toString('latin1');
    for (const plain of ['an-object-id', 'Alice', 'customer', 'signedInAt', sessionId])
      expect(text).not.toContain(plain);
  });

  it('seal the same record differently every time', () => {
    const sealed = Array.from({ length: 100 }, () => sealRecord('session', sessionId, record).toString('hex'));
    expect(new Set(sealed).size).toBe(100);
  });

  it('do not open for another session', () => {
    expect(openRecord('session', `${sessionId}x`, sealRecord('session', sessionId, record))).toBeUndefined();
  });

  it.each(recordKinds)('do not open as another kind: %s', (kind) => {
    const sealed = sealRecord(kind, sessionId, record);
    for (const other of recordKinds.filter((each) => each !== kind)) {
      expect(openRecord(other, sessionId, sealed)).toBeUndefined();
    }
  });

  it('do not open if any bit was changed', () => {
    const sealed = sealRecord('session', sessionId, record);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(openRecord('session', sessionId, changed), `bit ${bit}`).toBeUndefined();
    }
  });

  it('do not open if anything was cut off or added', () => {
    const sealed = sealRecord('session', sessionId, record);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(openRecord('session', sessionId, sealed.subarray(0, length)), `${length} bytes`).toBeUndefined();
    }
    expect(openRecord('session', sessionId, Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
    expect(openRecord('session', sessionId, Buffer.from('{"customer":{}}'))).toBeUndefined();
  });
});

describe('recordKey', () => {
  it('names kind and session without revealing the session id', () => {
    const keys = recordKinds.map((kind) => recordKey(kind, sessionId));
    expect(new Set(keys).size).toBe(recordKinds.length);
    for (const key of keys) expect(key).toMatch(/^web:v1:(session|claims|access|msal):\{[\w-]{43}\}$/);
    for (const key of keys) expect(key).not.toContain(sessionId);
    expect(recordKey('session', `${sessionId}x`)).not.toBe(recordKey('session', sessionId));
  });
});
