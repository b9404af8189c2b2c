import { createHash, randomInt } from 'node:crypto';
import type { RequestedScopes } from '../authorize/scopes.ts';
import { issuerOf, servicePrincipalId } from '../entraDialect.ts';
import type { ApiRegistration, AppRegistration } from '../registrations/document.ts';
import type { Platform } from '../registrations/redirectUri.ts';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import type { AuthenticatedClient } from './clientAuthentication.ts';
import { opaque } from './opaque.ts';
import type { SignInFacts } from './RefreshTokens.ts';
import type { Claims } from './SigningKeys.ts';

/** The customer, client and scopes for which a token is issued. */
export interface TokenGrant extends SignInFacts {
  readonly customer: Customer;
  readonly client: AppRegistration;
  readonly azpacr: AuthenticatedClient['azpacr'];
  readonly platform: Platform;
  readonly scopes: RequestedScopes;
  /** The app's capabilities, as in `xms_cc`; `cp1` means that it handles claims challenges. */
  readonly capabilities: readonly string[];
  readonly nonce?: string | undefined;
  /** Whether the request had `max_age`, so that the ID token tells when the customer gave credentials. */
  readonly hasMaxAge?: boolean;
  /** When a single-page app's sign-in ends, in seconds since 1970. */
  readonly endsAt?: number | undefined;
}

export type TokenTimes = ReturnType<typeof tokenTimes>;

/** @see https://learn.microsoft.com/entra/identity-platform/access-tokens#token-lifetime : 60 to 90 minutes, at random */
export function tokenTimes({ clock, config, lifetimes }: Tenant) {
  const lifetimeSeconds = lifetimes.accessToken ?? randomInt(60 * 60, 90 * 60 + 1);
  const { tenantId, subdomain } = config;
  return { tenantId, subdomain, now: clock.nowSeconds(), lifetimeSeconds };
}

/** @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference */
export function idTokenClaims(grant: TokenGrant, times: TokenTimes): Claims {
  const { customer, client, scopes, nonce, hasMaxAge = false, authTime } = grant;
  const roles = customer.roles[client.clientId] ?? [];
  return {
    ...commonClaims(times),
    aud: client.clientId,
    ...mappedClaims(grant),
    ...optionalClaims(client.optionalClaims.idToken, grant, times.subdomain),
    ...(scopes.openId.has('email') ? { email: customer.email } : {}),
    ...(customer.identityProvider === undefined ? {} : { idp: customer.identityProvider }),
    ...(roles.length > 0 ? { roles } : {}),
    ...profileClaims(customer, scopes),
    ...(nonce === undefined ? {} : { nonce }),
    // https://openid.net/specs/openid-connect-core-1_0.html#IDToken
    ...(hasMaxAge && authTime !== undefined ? { auth_time: authTime } : {}),
    sub: pairwiseSubject(customer.oid, client.clientId, times.tenantId),
  };
}

/** @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function accessTokenClaims(grant: TokenGrant, api: ApiRegistration, times: TokenTimes): Claims {
  const { customer, client, scopes, sid, azpacr } = grant;
  const roles = customer.roles[api.clientId] ?? [];
  return {
    ...commonClaims(times),
    aud: api.clientId,
    aio: opaque(48),
    azp: client.clientId,
    azpacr,
    ...optionalClaims(api.optionalClaims.accessToken, grant, times.subdomain),
    ...(api.optionalClaims.includeUserToken ? { idtyp: 'user' } : {}),
    ...profileClaims(customer, scopes),
    oid: customer.oid,
    ...(roles.length > 0 ? { roles } : {}),
    scp: scopes.permissions.join(' '),
    sid,
    sub: pairwiseSubject(customer.oid, api.clientId, times.tenantId),
  };
}

/**
 * The claims of an app's own token. `sub` and `oid` are its service principal, there is no `scp`, and `idtyp` only if
 * the API requests it.
 * @see https://github.com/Azure/azure-workload-identity/issues/1613 for one of an external tenant
 */
export function appOnlyClaims({ app, azpacr }: AuthenticatedClient, api: ApiRegistration, times: TokenTimes): Claims {
  const roles = app.applicationPermissions[api.clientId] ?? [];
  return {
    ...commonClaims(times),
    aud: api.clientId,
    aio: opaque(48),
    azp: app.clientId,
    azpacr,
    ...(api.optionalClaims.accessToken.includes('idtyp') ? { idtyp: 'app' } : {}),
    oid: servicePrincipalId(app.clientId),
    ...(roles.length > 0 ? { roles } : {}),
    sub: servicePrincipalId(app.clientId),
    xms_ftd: opaque(32),
  };
}

/** `uid` and `utid` of the account, from which MSAL builds its `homeAccountId`. */
export function clientInfo(oid: string, tenantId: string): string {
  return Buffer.from(JSON.stringify({ uid: oid, utid: tenantId })).toString('base64url');
}

/** Claims from attributes, by the app's claims mapping. @see https://learn.microsoft.com/entra/external-id/customers/how-to-add-attributes-to-token */
function mappedClaims({ client, customer }: TokenGrant): Claims {
  const attributes: Readonly<Record<string, string>> = { displayName: customer.displayName, ...customer.attributes };
  const pairs = Object.entries(client.mappedClaims).map(([claim, attribute]) => [claim, attributes[attribute]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

function commonClaims({ tenantId, now, lifetimeSeconds }: TokenTimes): Claims {
  // Entra backdates tokens by five minutes, so that clients with slow clocks accept them.
  const issuedAt = now - 300;
  return {
    iss: issuerOf({ tenantId }),
    iat: issuedAt,
    nbf: issuedAt,
    exp: now + lifetimeSeconds,
    rh: `1.A${opaque(60)}`,
    tid: tenantId,
    uti: opaque(16),
    ver: '2.0',
  };
}

function profileClaims(customer: Customer, { openId }: RequestedScopes): Claims {
  if (!openId.has('profile')) return {};
  return { name: customer.displayName, oid: customer.oid, preferred_username: customer.email };
}

/** A customer has a different subject in every app. @see https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg */
function pairwiseSubject(oid: string, audience: string, tenantId: string): string {
  return createHash('sha256').update(`${tenantId} ${audience} ${oid}`).digest('base64url');
}

/** @see https://learn.microsoft.com/entra/identity-platform/optional-claims-reference */
function optionalClaims(names: readonly string[], grant: TokenGrant, subdomain: string): Claims {
  const { customer, sid, authTime, acrs, capabilities } = grant;
  const { attributes, email, oid } = customer;
  const values: Readonly<Record<string, unknown>> = {
    // 0: a member of the tenant. All customers are.
    acct: 0,
    acrs: acrs.length > 0 ? acrs : undefined,
    auth_time: authTime,
    ctry: attributes.country,
    email,
    family_name: attributes.surname,
    given_name: attributes.givenName,
    // Opaque to apps, which send it back as `logout_hint`.
    login_hint: `O.${Buffer.from(`${oid} ${email}`).toString('base64url')}`,
    sid,
    tenant_region_scope: 'EU',
    upn: `${oid}@${subdomain}.onmicrosoft.com`,
    verified_primary_email: [email],
    xms_cc: capabilities.length > 0 ? capabilities : undefined,
  };
  return Object.fromEntries(names.map((name) => [name, values[name]]).filter(([, value]) => value !== undefined));
}
