import { TenantUnavailable } from '../../entra/MetadataSource.ts';
import { msalFailure } from '../../entra/msalFailure.ts';
import { AppRefused, TenantAnswerInvalid } from './errors.ts';

/**
 * Awaits a call of MSAL and translates what it throws.
 * @param refused makes the error for a grant that the tenant no longer honours: a used code, a revoked refresh token
 * @param advice what an operator should check when the tenant refuses the app itself
 */
export async function translateMsalError<Result>(
  call: Promise<Result>,
  refused: (cause: Error) => Error,
  advice: string,
): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    const { kind, summary, retryAfterSeconds } = msalFailure(error);
    switch (kind) {
      case 'unavailable':
        throw new TenantUnavailable(summary, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
      case 'appRefused':
        throw new AppRefused(`the tenant refuses this app (${summary}): ${advice}`);
      case 'grantRefused':
        throw refused(new Error(summary));
      case 'invalid':
        throw new TenantAnswerInvalid(summary);
    }
  }
}
