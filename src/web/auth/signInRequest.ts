import { z } from 'zod';
import { localPath } from './localPath.ts';

const optional = (pattern: RegExp) => z.string().regex(pattern).optional().catch(undefined);

const signInQuery = z.object({
  returnTo: z.unknown().optional(),
  prompt: z.enum(['create', 'login']).optional().catch(undefined),
  login_hint: optional(/^[^\p{C}\s]{1,320}$/u),
  domain_hint: optional(/^[\w.-]{1,253}$/),
  ui_locales: optional(/^[A-Za-z]{2,3}(?:[- ][A-Za-z0-9]{1,8}){0,8}$/),
});

/** What a link to /auth/signin may ask of the tenant. */
export interface SignInRequest {
  /** A page of this app. */
  readonly returnTo: string;
  readonly prompt?: 'create' | 'login' | undefined;
  readonly loginHint?: string | undefined;
  readonly domainHint?: string | undefined;
  readonly uiLocales?: string | undefined;
}

/** Reads the query of /auth/signin; what is unknown or unusable is left out, so that nothing else can reach the tenant. */
export function parseSignInRequest(query: unknown): SignInRequest {
  const { returnTo, prompt, login_hint, domain_hint, ui_locales } = signInQuery.parse(query);
  return {
    returnTo: localPath(returnTo),
    prompt,
    loginHint: login_hint,
    domainHint: domain_hint,
    uiLocales: ui_locales,
  };
}
