import { z } from 'zod';
import { aadstsIn } from '../../entra/aadsts.ts';
import { type TenantMetadata, TenantUnavailable } from '../../entra/MetadataSource.ts';
import { SignInFailed } from './errors.ts';

const one = (maxLength: number) => z.string().min(1).max(maxLength).optional();

const authorizationAnswer = z.object({
  state: z.string().min(1).max(128),
  code: one(8192).refine((code) => code === undefined || /^[\x21-\x7e]+$/.test(code)),
  error: one(64),
  error_subcode: z.string().optional(),
  error_description: z.string().optional(),
  error_uri: z.string().optional(),
  iss: one(512),
  session_state: one(512),
});

/** What the tenant sent back through the browser: a code or an error, for one sign-in. */
export type AuthorizationAnswer = ReturnType<typeof parseAuthorizationAnswer>;

/**
 * Parses the query of the redirect URI. Each parameter may occur once, as text of limited length.
 * @throws {SignInFailed} for anything else
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
 */
export function parseAuthorizationAnswer(query: unknown) {
  const result = authorizationAnswer.safeParse(query);
  const aadsts = aadstsIn(z.looseObject({ error_description: z.string() }).safeParse(query).data?.error_description);
  if (!result.success) throw new SignInFailed('malformed answer', aadsts && new Error(aadsts));
  const { state, code, error, error_subcode, iss } = result.data;
  if (code === undefined && error === undefined) throw new SignInFailed('malformed answer');
  return { state, code, error, isCancelled: error_subcode === 'cancel', iss, aadsts };
}

/** The tenant's error and its number, for the log; undefined for an answer without an error. */
export function refusalIn({ error, aadsts }: Pick<AuthorizationAnswer, 'error' | 'aadsts'>): Error | undefined {
  return error === undefined ? undefined : new Error([error.replace(/[^\w.-]/g, ''), aadsts].join(' ').trim());
}

/** @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4 */
export function isFromTenant(
  { iss }: AuthorizationAnswer,
  { issuer, promisesIss }: Pick<TenantMetadata, 'issuer' | 'promisesIss'>,
): boolean {
  return iss === undefined ? !promisesIss : iss === issuer;
}

/**
 * Interprets an answer without a code. When the customer cancels, Entra sends `error_subcode=cancel` and no AADSTS
 * number. `access_denied` with a number means that a policy or an administrator denies the sign-in.
 * @throws {TenantUnavailable} when the tenant says that it cannot answer now
 * @throws {SignInFailed} for errors that a new attempt may solve
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthError
 */
export function outcomeOfError(answer: Omit<AuthorizationAnswer, 'state' | 'code' | 'iss'>): {
  readonly kind: 'cancelled' | 'interactionNeeded';
  readonly refusal: Error | undefined;
} {
  const { error, isCancelled, aadsts } = answer;
  const refusal = refusalIn(answer);
  switch (error) {
    case 'access_denied':
      if (aadsts && !isCancelled) break;
      return { kind: 'cancelled', refusal };
    case 'login_required':
    case 'interaction_required':
    case 'consent_required':
      return { kind: 'interactionNeeded', refusal };
    case 'temporarily_unavailable':
    case 'server_error':
      throw new TenantUnavailable(`the tenant answered ${refusal?.message}`);
  }
  throw new SignInFailed('refused by the tenant', refusal);
}
