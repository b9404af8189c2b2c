import { z } from 'zod';
import { words } from '../entraDialect.ts';

/*
 * Authentication contexts: an app requests one with `claims`, Conditional Access requires a second factor for it, and
 * the claim `acrs` confirms it. The contexts c1 to c99 exist, all with this policy.
 * https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context
 */

const request = z
  .object({ essential: z.boolean().optional(), value: z.unknown().optional(), values: z.unknown().optional() })
  .nullish();
const member = z.object({ acrs: request }).nullish();
const claimsParameter = z.object({ access_token: member, id_token: member });

/**
 * The contexts that a `claims` parameter marks as essential. Others need no page.
 * @param claims JSON; invalid JSON requests nothing and is refused elsewhere
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

/** The claim `acrs`: the contexts in the `acr` of a session or an authorization code. */
export function grantedContexts({ acr }: { readonly acr?: string | undefined }): string[] {
  return words(acr);
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return undefined;
  }
}
