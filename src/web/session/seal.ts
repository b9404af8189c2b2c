import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * The records of one session, kept apart so that a page reads only what it shows: who is signed in, the ID token's
 * claims, the access token, MSAL's cache.
 */
export const recordKinds = ['session', 'claims', 'access', 'msal'] as const;
export type RecordKind = (typeof recordKinds)[number];

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** The name of a session in Redis, which must never learn the session id: the records' keys are derived from it. */
export function sessionHash(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url');
}

export function recordKey(kind: RecordKind, sessionId: string): string {
  return keyOf(kind, sessionHash(sessionId));
}

/** The keys of all records of a session, from its hash alone. */
export function recordKeys(hash: string): string[] {
  return recordKinds.map((kind) => keyOf(kind, hash));
}

/** In braces, so that a Redis cluster keeps the records of a session together. */
function keyOf(kind: RecordKind, hash: string): string {
  return `web:v1:${kind}:{${hash}}`;
}

/**
 * Encrypts a record (AES-256-GCM). Its key is derived from the session id, which only the customer's cookie holds.
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export function sealRecord(kind: RecordKind, sessionId: string, text: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, encryptionKey(kind, sessionId), iv);
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]);
}

/** Decrypts a record. @returns undefined when it was changed, or sealed for another session or kind */
export function openRecord(kind: RecordKind, sessionId: string, sealed: Buffer): string | undefined {
  try {
    const iv = sealed.subarray(0, ivBytes);
    const decipher = createDecipheriv(algorithm, encryptionKey(kind, sessionId), iv, { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
    const opened = Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
    return opened.toString('utf8');
  } catch {
    return undefined;
  }
}

function encryptionKey(kind: RecordKind, sessionId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', sessionId, '', `web:v1:${kind}`, 32));
}
