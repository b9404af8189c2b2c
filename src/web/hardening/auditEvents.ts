import { IdTokenInvalid } from '../../entra/idToken.ts';
import { TenantAnswerInvalid } from '../../entra/issuedTokens.ts';
import { TodoApiError } from '../../models/TodoClient.ts';
import type { AuditEvent } from '../../runtime/audit.ts';
import { SignInFailed, SignInInterrupted, SignInLoop, SignInRequired } from '../auth/errors.ts';
import { CsrfRefused } from '../middleware/csrf.ts';
import { TooManyRequests } from './rateLimits.ts';

/** The security event that an error stands for, if it is one. */
export function auditEventOf(error: unknown): AuditEvent | undefined {
  if (error instanceof SignInInterrupted || error instanceof SignInFailed || error instanceof SignInLoop) {
    return 'sign-in-failed';
  }
  if (error instanceof SignInRequired) return error.endsSession ? 'session-ended' : undefined;
  if (error instanceof IdTokenInvalid || error instanceof TenantAnswerInvalid) return 'token-refused';
  if (error instanceof CsrfRefused) return 'form-refused';
  if (error instanceof TooManyRequests) return 'rate-limited';
  return error instanceof TodoApiError && error.reason === 'forbidden' ? 'permission-refused' : undefined;
}
