import { randomInt } from 'node:crypto';
import { secretEqual } from '../runtime/secretEqual.ts';
import type { Tenant } from '../state/tenant.ts';
import type { MailedCode } from './progress.ts';

const lifetimeSeconds = 600;
const resendAfterSeconds = 300;
const tries = 5;

/**
 * Mails a new code of eight digits, valid for ten minutes and five tries.
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
