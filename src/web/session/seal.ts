import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * The records of one session, kept apart so that a page reads only what it shows: who is signed in; the
 * ID token's claims; the access token; MSAL's cache.
 */
export const recordKinds = ['session', 'claims', 'access', 'msal'] as const;
export type RecordKind = (typeof recordKinds)[number];

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** What Redis knows a session by: it never learns the session id, which also is the key to what the records say. */
export function sessionHash(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url');
}

/** Where a record is kept. */
export function recordKey(kind: RecordKind, sessionId: string): string {
  return keyOf(kind, sessionHash(sessionId));
}

/** Where all records of a session are kept, for whoever has its hash alone. */
export function recordKeys(hash: string): string[] {
  return recordKinds.map((kind) => keyOf(kind, hash));
}

function keyOf(kind: RecordKind, hash: string): string {
  return `web:v1:${kind}:${hash}`;
}

/**
 * Encrypts a record (AES-256-GCM) with a key that only the customer's cookie can give.
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export function sealRecord(kind: RecordKind, sessionId: string, record: object): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, encryptionKey(kind, sessionId), iv);
  const sealed = [cipher.update(JSON.stringify(record), 'utf8'), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]);
}

/** Decrypts a record. @returns undefined when it was not sealed for this session, or was changed */
export function openRecord(kind: RecordKind, sessionId: string, sealed: Buffer): unknown {
  try {
    const iv = sealed.subarray(0, ivBytes);
    const decipher = createDecipheriv(algorithm, encryptionKey(kind, sessionId), iv, { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
    const opened = Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
    return JSON.parse(opened.toString('utf8'));
  } catch {
    return undefined;
  }
}

function encryptionKey(kind: RecordKind, sessionId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', sessionId, '', `web:v1:${kind}`, 32));
}
