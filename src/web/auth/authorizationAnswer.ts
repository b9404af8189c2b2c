import { z } from 'zod';
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

/** What the tenant sent back through the browser: a code or an error, for one attempt. */
export interface AuthorizationAnswer {
  readonly state: string;
  readonly code: string | undefined;
  readonly error: string | undefined;
  readonly iss: string | undefined;
  /** Entra's number for an error; its sentences may name a customer and are not kept. */
  readonly aadsts: string | undefined;
}

/**
 * Reads the query of the redirect URI: every parameter at most once, as text, of a sensible length.
 * @throws {SignInFailed} for anything else
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
 */
export function parseAuthorizationAnswer(query: unknown): AuthorizationAnswer {
  const result = authorizationAnswer.safeParse(query);
  if (!result.success) throw new SignInFailed('malformed answer');
  const { state, code, error, iss, error_description } = result.data;
  if (code === undefined && error === undefined) throw new SignInFailed('malformed answer');
  return { state, code, error, iss, aadsts: /AADSTS\d{4,8}/.exec(error_description ?? '')?.[0] };
}
