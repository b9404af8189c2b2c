import type { Customer } from '../state/CustomerDirectory.ts';
import type { Claims, TokenGrant } from './claims.ts';

/**
 * The optional claims that a registration names, those of them that the customer has a value for.
 * @param subdomain `contoso` of contoso.onmicrosoft.com
 * @see https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
 */
export function optionalClaims(names: readonly string[], grant: TokenGrant, subdomain: string): Claims {
  const { customer, sid, authTime, acrs, capabilities } = grant;
  const { attributes, email, oid } = customer;
  const values: Readonly<Record<string, unknown>> = {
    // 0: a member of the tenant, as customers are.
    acct: 0,
    acrs: acrs.length > 0 ? acrs : undefined,
    auth_time: authTime,
    ctry: attributes.country,
    email,
    family_name: attributes.surname,
    given_name: attributes.givenName,
    login_hint: loginHint(customer),
    sid,
    tenant_region_scope: 'EU',
    upn: `${oid}@${subdomain}.onmicrosoft.com`,
    verified_primary_email: [email],
    xms_cc: capabilities.length > 0 ? capabilities : undefined,
  };
  return Object.fromEntries(names.map((name) => [name, values[name]]).filter(([, value]) => value !== undefined));
}

/** What an app sends back as `logout_hint`: opaque to it. */
function loginHint({ oid, email }: Customer): string {
  return `O.${Buffer.from(`${oid} ${email}`).toString('base64url')}`;
}
