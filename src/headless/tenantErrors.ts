import { ServerError } from '@azure/msal-node';
import { aadstsIn } from '../entra/aadsts.ts';
import { CustomerChanged, IdTokenInvalid } from '../entra/idToken.ts';
import { TenantAnswerInvalid } from '../entra/issuedTokens.ts';
import { TenantUnavailable } from '../entra/MetadataSource.ts';
import { msalFailure } from '../entra/msalFailure.ts';
import { CommandError, NotDone } from '../entra/terminal/CommandError.ts';
import { CodeExpired, NotSignedIn, SignInDeclined, Unavailable } from './errors.ts';

/**
 * Translates what went wrong between this app and the tenant for the customer.
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors
 */
export function tenantErrorOf(cause: unknown): CommandError {
  const unavailable = (what: string, retryAfterSeconds?: number) =>
    new Unavailable(`The tenant cannot be reached (${what}).`, retryAfterSeconds, { cause });
  if (cause instanceof CommandError) return cause;
  if (cause instanceof TenantUnavailable) return unavailable(cause.message, cause.retryAfterSeconds);
  if (cause instanceof CustomerChanged) {
    return new NotSignedIn('The tenant answered with the tokens of another customer. Sign in again.', { cause });
  }
  if (cause instanceof IdTokenInvalid || cause instanceof TenantAnswerInvalid) {
    return new NotDone(`The tenant's tokens are not valid (${cause.message}). They were discarded.`, { cause });
  }
  const { errorCode = '', message = '' } = cause instanceof ServerError ? cause : {};
  switch (errorCode) {
    case 'expired_token':
      return new CodeExpired('The code was not used in time. Start again: todo sign-in', { cause });
    // Entra's own name, and the standard's.
    case 'authorization_declined':
    case 'access_denied':
      if (errorCode === 'access_denied' && aadstsIn(message)) break;
      return new SignInDeclined("The sign-in was cancelled on the tenant's page. Start again: todo sign-in", { cause });
    case 'temporarily_unavailable':
      return unavailable('it answered temporarily_unavailable');
    case 'server_error':
      return unavailable('it answered server_error');
  }
  const { kind, summary, retryAfterSeconds } = msalFailure(cause);
  switch (kind) {
    case 'unavailable':
      return unavailable(summary, retryAfterSeconds);
    case 'appRefused': {
      const advice = 'Check HEADLESS_CLIENT_ID, and that its registration allows public client flows.';
      return new NotDone(`The tenant refused this app (${summary}). ${advice}`, { cause });
    }
    case 'grantRefused':
      return new NotSignedIn(`The tenant wants you to sign in again (${summary}): todo sign-in`, { cause });
    case 'requestRefused':
      return new NotDone(`The tenant refused what this app asks for (${summary}).`, { cause });
    case 'invalid':
      return new NotDone(`The tenant's answer cannot be used (${summary}). It was discarded.`, { cause });
  }
}
