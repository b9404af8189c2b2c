import { randomInt } from 'node:crypto';
import { secretEqual } from '../../../src/runtime/secretEqual.ts';
import type { Tenant } from '../state/tenant.ts';

/** A code that was mailed to prove an address. */
export interface MailedCode {
  readonly code: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** When another one may be asked for: seconds since 1970. */
  readonly resendAt: number;
  readonly triesLeft: number;
}

const lifetimeSeconds = 600;
const resendAfterSeconds = 300;
const tries = 5;

/**
 * Mails a new code of eight digits, good for ten minutes and five tries.
 * @param subject in the customer's language
 * @see https://learn.microsoft.com/entra/external-id/customers/how-to-user-flow-sign-up-sign-in-customers
 */
export function mailCode({ inbox, clock }: Tenant, email: string, subject: string): MailedCode {
  const code = String(randomInt(0, 100_000_000)).padStart(8, '0');
  inbox.deliver({ to: email, subject, code, sentAt: clock.now().toISOString() });
  const now = clock.nowSeconds();
  return { code, expiresAt: now + lifetimeSeconds, resendAt: now + resendAfterSeconds, triesLeft: tries };
}

export type CodeVerdict = 'right' | 'wrong' | 'expired' | 'too many tries';

export function judgeCode(mailed: MailedCode, given: string, nowSeconds: number): CodeVerdict {
  if (mailed.triesLeft <= 0) return 'too many tries';
  if (mailed.expiresAt <= nowSeconds) return 'expired';
  return secretEqual(given, mailed.code) ? 'right' : 'wrong';
}

/** The address with most of its name hidden: a•••@example.com. */
export function maskEmail(email: string): string {
  return email.replace(/^(.).*(?=@)/, '$1•••');
}
