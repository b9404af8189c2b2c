import { createHash } from 'node:crypto';
import type { LogFields, Logger } from './logger.ts';

/** The security events that a review of the log looks for. */
export type AuditEvent =
  | 'sign-in-succeeded'
  | 'sign-in-cancelled'
  | 'sign-in-failed'
  | 'signed-out'
  | 'session-ended'
  | 'form-refused'
  | 'permission-refused'
  | 'token-refused'
  | 'rate-limited';

/**
 * Logs a security event with the message `audit` and the event's name in `event`.
 * @param fields the request's id, and the customer or session as {@link loggedId}; never a customer's data
 * @param level default: info
 */
export function audit(log: Logger, event: AuditEvent, fields: LogFields, level: keyof Logger = 'info'): void {
  log[level]('audit', { event, ...fields });
}

/**
 * Hashes a customer's or session's id for the log, so that its lines can be found and the id cannot be used. A session's
 * is the start of its Redis key after `web:v1:session:{`; a customer's is made of the `oid`.
 */
export function loggedId(id: string): string {
  return loggedHash(createHash('sha256').update(id).digest('base64url'));
}

/** The same for an id that is hashed already. @param hash SHA-256 in base64url */
export function loggedHash(hash: string): string {
  return hash.slice(0, 16);
}
