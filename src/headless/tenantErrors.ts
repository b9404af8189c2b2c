import { ServerError } from '@azure/msal-node';
import { CustomerChanged, IdTokenInvalid } from '../entra/idToken.ts';
import { TenantUnavailable } from '../entra/MetadataSource.ts';
import { msalFailure } from '../entra/msalFailure.ts';
import { CodeExpired, HeadlessError, NotDone, NotSignedIn, SignInDeclined, Unavailable } from './errors.ts';

/** Puts what went wrong between this app and the tenant into the customer's words. */
export function headlessErrorOf(cause: unknown): HeadlessError {
  if (cause instanceof HeadlessError) return cause;
  if (cause instanceof TenantUnavailable) return unavailable(cause.message, cause.retryAfterSeconds, cause);
  if (cause instanceof CustomerChanged) {
    return new NotSignedIn('The tenant answered for another customer. Sign in again.', { cause });
  }
  if (cause instanceof IdTokenInvalid) {
    return new NotDone(`The tenant's answer does not verify (${cause.message}). Nobody is signed in by it.`, { cause });
  }
  return (cause instanceof ServerError && endOfSignIn(cause)) || failureOfMsal(cause);
}

/** @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5 and https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors */
function endOfSignIn(cause: ServerError): HeadlessError | undefined {
  switch (cause.errorCode) {
    case 'expired_token':
      return new CodeExpired('The code was not used in time. Start again with sign-in.', { cause });
    // Entra's own name, and the standard's.
    case 'authorization_declined':
    case 'access_denied':
      return new SignInDeclined('The sign-in was cancelled at the tenant. Start again with sign-in.', { cause });
    case 'temporarily_unavailable':
    case 'server_error':
      return unavailable(`it answered ${cause.errorCode}`, undefined, cause);
    default:
      return undefined;
  }
}

function failureOfMsal(cause: unknown): HeadlessError {
  const { kind, summary, retryAfterSeconds } = msalFailure(cause);
  switch (kind) {
    case 'unavailable':
      return unavailable(summary, retryAfterSeconds, cause);
    case 'appRefused': {
      const advice = 'check HEADLESS_CLIENT_ID, and that the registration allows public client flows';
      return new NotDone(`The tenant refuses this app (${summary}): ${advice}.`, { cause });
    }
    case 'grantRefused':
      return new NotSignedIn(`The tenant wants you to sign in again (${summary}). Run sign-in.`, { cause });
    case 'invalid':
      return new NotDone(`The tenant's answer cannot be used (${summary}). Nobody is signed in by it.`, { cause });
  }
}

function unavailable(what: string, retryAfterSeconds: number | undefined, cause: unknown): Unavailable {
  const when = retryAfterSeconds === undefined ? 'later' : `in ${retryAfterSeconds} seconds`;
  return new Unavailable(`The tenant cannot be reached (${what}). Try again ${when}.`, { cause });
}
