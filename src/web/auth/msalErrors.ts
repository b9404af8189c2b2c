import { InteractionRequiredAuthError, ServerError } from '@azure/msal-node';
import { TenantUnavailable } from '../../entra/metadata.ts';
import { TokenEndpointError } from '../../entra/msalNetwork.ts';
import { AppRefused, TenantAnswerInvalid } from './errors.ts';

/**
 * Awaits a call of MSAL and translates what it throws.
 * @param refused makes the error for a grant that the tenant no longer honours: a used code, a revoked refresh token.
 *   MSAL calls only some of these `InteractionRequiredAuthError`; the rest is a `ServerError` with `invalid_grant`.
 */
export async function translateMsalError<Result>(
  call: Promise<Result>,
  refused: (cause: Error) => Error,
): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TokenEndpointError && error.kind === 'unavailable') {
      const { retryAfterSeconds } = error;
      throw new TenantUnavailable(error.message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
    }
    if (error instanceof ServerError && /^(invalid|unauthorized)_client$/.test(error.errorCode)) {
      const advice = 'check CLIENT_ID and CLIENT_SECRET, and whether the secret has expired';
      throw new AppRefused(`the tenant refuses this app (${summary(error)}): ${advice}`);
    }
    if (error instanceof InteractionRequiredAuthError) throw refused(new Error(summary(error)));
    if (error instanceof ServerError && error.errorCode === 'invalid_grant') throw refused(new Error(summary(error)));
    throw new TenantAnswerInvalid(error instanceof Error ? summary(error) : 'MSAL failed');
  }
}

/** The tenant's codes alone: its sentences may name a customer. */
function summary(error: Error): string {
  const code = 'errorCode' in error ? String(error.errorCode) : error.name;
  if (!(error instanceof ServerError) && !(error instanceof InteractionRequiredAuthError)) {
    return `${code}: ${error.message.slice(0, 200)}`;
  }
  return [code, /AADSTS\d+/.exec(error.message)?.[0]].filter(Boolean).join(' ');
}
