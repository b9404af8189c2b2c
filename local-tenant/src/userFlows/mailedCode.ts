import { randomInt } from 'node:crypto';
import { secretEqual } from '../runtime/secretEqual.ts';
import type { MailedCode, Progress } from './progress.ts';
import { goTo, saveProgress, type Visit } from './visit.ts';

const lifetimeSeconds = 600;
const resendAfterSeconds = 300;
const tries = 5;

/**
 * Mails a new code of eight digits, valid for ten minutes and five tries, and shows the page that asks for it.
 * @see https://learn.microsoft.com/entra/external-id/customers/how-to-user-flow-sign-up-sign-in-customers
 */
export function askCode(visit: Visit, progress: Pick<Progress, 'email' | 'purpose'>, query = ''): void {
  const { inbox, clock } = visit.tenant;
  const code = String(randomInt(0, 100_000_000)).padStart(8, '0');
  inbox.deliver({ to: progress.email, subject: visit.texts.mailSubject, code, sentAt: clock.now().toISOString() });
  const now = clock.nowSeconds();
  const mailed = { code, expiresAt: now + lifetimeSeconds, resendAt: now + resendAfterSeconds, triesLeft: tries };
  saveProgress(visit, { ...progress, mailed, isProven: false });
  goTo(visit, `/code${query}`);
}

export function judgeCode(mailed: MailedCode, given: string, nowSeconds: number) {
  if (mailed.triesLeft <= 0) return 'too many tries';
  if (mailed.expiresAt <= nowSeconds) return 'expired';
  return secretEqual(given, mailed.code) ? 'right' : 'wrong';
}

export function maskEmail(email: string): string {
  return email.replace(/^(.).*(?=@)/, '$1•••');
}
