import { z } from 'zod';
import { type TenantMetadata, TenantUnavailable } from '../../entra/MetadataSource.ts';
import { SignInFailed } from './errors.ts';

const one = (maxLength: number) => z.string().min(1).max(maxLength).optional();

const authorizationAnswer = z.object({
  state: z.string().min(1).max(128),
  code: one(8192).refine((code) => code === undefined || /^[\x21-\x7e]+$/.test(code)),
  error: one(64),
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
  if (!result.success) throw new SignInFailed('malformed answer');
  const { state, code, error, iss, error_description } = result.data;
  if (code === undefined && error === undefined) throw new SignInFailed('malformed answer');
  // Entra's number for an error. Its sentences may name a customer and are not kept.
  return { state, code, error, iss, aadsts: /AADSTS\d{4,8}/.exec(error_description ?? '')?.[0] };
}

/** @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4 */
export function isFromTenant(
  { iss }: AuthorizationAnswer,
  { issuer, promisesIss }: Pick<TenantMetadata, 'issuer' | 'promisesIss'>,
): boolean {
  return iss === undefined ? !promisesIss : iss === issuer;
}

/**
 * What an answer without a code means for the customer.
 * @throws {TenantUnavailable} when the tenant says that it cannot answer now
 * @throws {SignInFailed} for errors that a new attempt may solve
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthError
 */
export function outcomeOfError({ error = '', aadsts = '' }: AuthorizationAnswer): {
  readonly kind: 'cancelled' | 'interactionNeeded';
} {
  switch (error) {
    case 'access_denied':
      return { kind: 'cancelled' };
    case 'login_required':
    case 'interaction_required':
    case 'consent_required':
      return { kind: 'interactionNeeded' };
    case 'temporarily_unavailable':
    case 'server_error':
      throw new TenantUnavailable(`the tenant answered ${error}`);
    default:
      throw new SignInFailed('refused by the tenant', new Error(`${error.replace(/[^\w.-]/g, '')} ${aadsts}`.trim()));
  }
}
