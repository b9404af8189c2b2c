import { createHash } from 'node:crypto';
import type { LogFields, Logger } from './logger.ts';

/** What a review of the log looks for: who came in, who left, who was turned away. */
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
 * Writes a security event: one log line with the message `audit`, and the event's name in `event`.
 * @param fields the request's id, and whom it concerns as {@link loggedId}; never a customer's data
 * @param level default: info
 */
export function audit(log: Logger, event: AuditEvent, fields: LogFields, level: keyof Logger = 'info'): void {
  log[level]('audit', { event, ...fields });
}

/**
 * A customer's or a session's id as the log may carry it: all lines of one can be found, and nothing be done with it.
 * Of a session it is how its keys in Redis begin after `web:v1:session:`, of a customer made from the `oid`.
 */
export function loggedId(id: string): string {
  return loggedHash(createHash('sha256').update(id).digest('base64url'));
}

/** The same of an id whose SHA-256 is at hand. @param hash in base64url */
export function loggedHash(hash: string): string {
  return hash.slice(0, 16);
}
