import { z } from 'zod';

/*
 * Authentication contexts: an app asks for one with `claims`, Conditional Access wants a second factor for it, and the
 * claim `acrs` says that it was given. Here the contexts c1 to c99 exist, each with that one policy.
 * https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context
 */

const request = z
  .object({ essential: z.boolean().optional(), value: z.unknown().optional(), values: z.unknown().optional() })
  .nullish();
const member = z.object({ acrs: request }).nullish();
const claimsParameter = z.object({ access_token: member, id_token: member });

/**
 * The contexts that a `claims` parameter insists on. What it asks for voluntarily takes no page.
 * @param claims JSON; what is not is no request, and for others to refuse
 * @see https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter
 */
export function requestedContexts(claims: string | null): string[] {
  const parsed = claimsParameter.safeParse(parseJson(claims));
  if (!parsed.success) return [];
  const { access_token, id_token } = parsed.data;
  const requests = [access_token?.acrs, id_token?.acrs].filter((found) => found?.essential === true);
  const names = requests.flatMap((found) => [found?.value, found?.values].flat());
  return [...new Set(names.filter((name) => typeof name === 'string').filter((name) => /^c[1-9]\d?$/.test(name)))];
}

/** The contexts of a session or an authorization code, whose `acr` holds them: the claim `acrs`. */
export function grantedContexts({ acr }: { readonly acr?: string | undefined }): string[] {
  return acr?.split(' ').filter(Boolean) ?? [];
}

/** Which of the contexts asked for a session still lacks. */
export function missingContexts(asked: readonly string[], session: { readonly acr?: string | undefined }): string[] {
  const granted = grantedContexts(session);
  return asked.filter((name) => !granted.includes(name));
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return undefined;
  }
}
