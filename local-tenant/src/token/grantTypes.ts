import { createHash } from 'node:crypto';
import { AadstsError } from '../AadstsError.ts';
import { parseDefaultScope, parseScopes } from '../authorize/scopes.ts';
import { grantedContexts } from '../authorize/stepUp.ts';
import { sessionGuid } from '../entraDialect.ts';
import { leniencies } from '../faults/tokenAnswerFaults.ts';
import type { Tenant } from '../state/tenant.ts';
import { appOnlyClaims, tokenTimes } from './claims.ts';
import { type AuthenticatedClient, type Form, required } from './clientAuthentication.ts';
import { delegatedAnswer, envelope, readCapabilities, type TokenAnswer } from './tokenAnswer.ts';

export type Grant = (tenant: Tenant, client: AuthenticatedClient, form: Form) => Promise<TokenAnswer>;

/** How tokens are issued, by `grant_type`. Device codes have two names. */
export const grants: Readonly<Record<string, Grant>> = {
  authorization_code: redeemCode,
  refresh_token: refresh,
  client_credentials: issueAppOnlyToken,
  device_code: redeemDeviceCode,
  'urn:ietf:params:oauth:grant-type:device_code': redeemDeviceCode,
};

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token */
async function redeemCode(tenant: Tenant, client: AuthenticatedClient, form: Form): Promise<TokenAnswer> {
  const value = required(form, 'code');
  const redirectUri = required(form, 'redirect_uri');
  const code = await tenant.provider.AuthorizationCode.find(value, { ignoreExpiration: true });
  if (!code || code.clientId !== client.app.clientId) throw new AadstsError(70000, 'code');
  if (tenant.redeemedCodes.get(value)) throw new AadstsError(54005);
  if (code.isExpired) throw new AadstsError(70008);
  if (code.redirectUri !== redirectUri) throw new AadstsError(50011, redirectUri);
  // The code stays valid after a wrong verifier. @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6
  const isLenient = tenant.faults.take<true>(leniencies, value) === true;
  if (!isLenient && !isRightVerifier(form.code_verifier, code.codeChallenge)) throw new AadstsError(501481);
  const customer = findCustomer(tenant, code.accountId, 'code');
  const parts = {
    ...fromRequest(tenant, client, form, code.scope ?? ''),
    customer,
    nonce: code.nonce,
    authTime: tenant.clock.fromMachine(code.authTime),
    sid: sessionGuid(code.sessionUid ?? value),
    acrs: grantedContexts(code),
    hasMaxAge: code.claims?.id_token?.auth_time !== undefined,
  };
  tenant.redeemedCodes.set(value, true, 86_400);
  return delegatedAnswer(tenant, form, parts);
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token */
async function refresh(tenant: Tenant, client: AuthenticatedClient, form: Form): Promise<TokenAnswer> {
  const grant = tenant.refreshTokens.redeem(required(form, 'refresh_token'), client.app.clientId);
  const { oid, scope, sid, authTime, acrs, endsAt } = grant;
  const customer = findCustomer(tenant, oid, 'refresh_token');
  const parts = fromRequest(tenant, client, form, scope);
  return delegatedAnswer(tenant, form, { ...parts, customer, sid, authTime, acrs, endsAt });
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
async function issueAppOnlyToken(tenant: Tenant, client: AuthenticatedClient, form: Form): Promise<TokenAnswer> {
  if (client.azpacr === '0') throw new AadstsError(7000216);
  const api = parseDefaultScope(required(form, 'scope'), tenant.registrations, client.app);
  const times = tokenTimes(tenant);
  return envelope(await tenant.keys.sign(appOnlyClaims(client, api, times)), times.lifetimeSeconds);
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#authenticating-the-user */
async function redeemDeviceCode(tenant: Tenant, client: AuthenticatedClient, form: Form): Promise<TokenAnswer> {
  const signIn = tenant.deviceCodes.take(required(form, 'device_code'), client.app.clientId);
  const { oid, scope, sid, authTime, acrs } = signIn;
  const customer = findCustomer(tenant, oid, 'device_code');
  // The scopes come from the first request; polls have none.
  const parts = fromRequest(tenant, client, { ...form, scope }, scope);
  return delegatedAnswer(tenant, { ...form, scope }, { ...parts, customer, sid, authTime, acrs });
}

function fromRequest(
  { registrations }: Tenant,
  { app, platform, azpacr }: AuthenticatedClient,
  form: Form,
  granted: string,
) {
  const scopes = parseScopes(form.scope || granted, registrations, app);
  return { client: app, platform, azpacr, scopes, capabilities: readCapabilities(form) };
}

function findCustomer({ customers }: Tenant, oid: string | undefined, parameter: string) {
  const customer = customers.findByOid(oid ?? '');
  if (!customer) throw new AadstsError(70000, parameter);
  return customer;
}

/** The challenge is always S256 here; see authorizationRequest.ts. */
function isRightVerifier(verifier: string | undefined, challenge: string | undefined): boolean {
  if (challenge === undefined) return verifier === undefined;
  const hash = createHash('sha256').update(verifier ?? '');
  return hash.digest('base64url') === challenge;
}
