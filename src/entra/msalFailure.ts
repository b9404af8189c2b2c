import { InteractionRequiredAuthError, ServerError } from '@azure/msal-node';
import { aadstsIn } from './aadsts.ts';
import { TokenEndpointError } from './msalNetwork.ts';

/**
 * Why a call of MSAL failed.
 * `unavailable`: the tenant cannot answer now. `appRefused`: it refuses the app itself. `grantRefused`: it refuses the code
 * or refresh token, or needs the customer. `requestRefused`: it refuses what the app asks for, such as a scope. `invalid`:
 * its response must not be trusted.
 */
export interface MsalFailure {
  readonly kind: 'unavailable' | 'appRefused' | 'grantRefused' | 'requestRefused' | 'invalid';
  /** For the log or the customer: the tenant's codes only, because its messages may name a customer. */
  readonly summary: string;
  readonly retryAfterSeconds?: number | undefined;
}

/** Classifies what a call of MSAL threw. Only some refused grants are an `InteractionRequiredAuthError`. */
export function msalFailure(error: unknown): MsalFailure {
  if (error instanceof TokenEndpointError && error.kind === 'unavailable') {
    return { kind: 'unavailable', summary: error.message, retryAfterSeconds: error.retryAfterSeconds };
  }
  const summary = summaryOf(error);
  if (error instanceof InteractionRequiredAuthError) return { kind: 'grantRefused', summary };
  if (!(error instanceof ServerError)) return { kind: 'invalid', summary };
  if (/^(invalid|unauthorized)_client$/.test(error.errorCode)) return { kind: 'appRefused', summary };
  if (error.errorCode === 'invalid_grant') return { kind: 'grantRefused', summary };
  if (/^(temporarily_unavailable|server_error)$/.test(error.errorCode)) return { kind: 'unavailable', summary };
  return { kind: /^[a-z_]{1,64}$/.test(error.errorCode) ? 'requestRefused' : 'invalid', summary };
}

function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return 'MSAL failed';
  // The tenant's text, of any length.
  const code = ('errorCode' in error ? String(error.errorCode) : error.name).replace(/[^\w.-]/g, '').slice(0, 64);
  if (!(error instanceof ServerError) && !(error instanceof InteractionRequiredAuthError)) {
    return `${code}: ${error.message.slice(0, 200)}`;
  }
  return [code, aadstsIn(error.message)].filter(Boolean).join(' ');
}
