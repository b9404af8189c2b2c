import { z } from 'zod';
import { AadstsError } from '../AadstsError.ts';
import { idTokenFaults } from '../faults/idTokenFaults.ts';
import { administratorClient } from '../graph/wellKnown.ts';
import type { Tenant } from '../state/tenant.ts';
import {
  accessTokenClaims,
  clientInfo,
  idTokenClaims,
  type TokenGrant,
  type TokenTimes,
  tokenTimes,
} from './claims.ts';
import type { Form } from './clientAuthentication.ts';
import { opaque } from './opaque.ts';

export type TokenAnswer = Readonly<Record<string, unknown>>;

const idTokenLifetimeSeconds = 3600;

/**
 * Issues the tokens for a customer's sign-in, in Entra's envelope.
 * @throws {AadstsError} 50146 if the app has mapped claims without accepting them; 65001 for a customer in the
 * administrators' client.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#successful-response-2
 */
export async function delegatedAnswer(tenant: Tenant, form: Form, grant: TokenGrant): Promise<TokenAnswer> {
  const { scopes, customer, client, sid, authTime, acrs, platform, endsAt } = grant;
  const hasMappedClaims = Object.keys(client.mappedClaims).length > 0;
  if (hasMappedClaims && !client.acceptMappedClaims) throw new AadstsError(50146);
  checkAdministrator(grant);
  const times = tokenTimes(tenant);
  const accessToken = scopes.api
    ? await tenant.keys.sign(accessTokenClaims(grant, scopes.api, times))
    : `EwB${opaque(600)}`;
  const idToken = scopes.openId.has('openid') ? await signIdToken(tenant, form, grant, times) : undefined;
  const { oid } = customer;
  const { clientId } = client;
  const scope = form.scope || `${scopes.echoed} offline_access`;
  return {
    ...envelope(accessToken, times.lifetimeSeconds),
    scope: scopes.echoed,
    ...(scopes.openId.has('offline_access')
      ? { refresh_token: tenant.refreshTokens.issue({ oid, clientId, sid, authTime, acrs, scope, platform, endsAt }) }
      : {}),
    ...(idToken ? { id_token: idToken } : {}),
    ...(form.client_info === '1' ? { client_info: clientInfo(oid, tenant.config.tenantId) } : {}),
  };
}

export function envelope(accessToken: string, lifetimeSeconds: number) {
  return {
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    ext_expires_in: lifetimeSeconds,
    access_token: accessToken,
  };
}

function checkAdministrator({ client, customer }: TokenGrant): void {
  if (client !== administratorClient || customer.directoryRoles.length > 0) return;
  throw new AadstsError(65001, `'${client.clientId}' named '${client.displayName}'`);
}

const capabilityRequest = z.object({
  access_token: z.object({ xms_cc: z.object({ values: z.array(z.string()) }) }),
});

/** @see https://learn.microsoft.com/entra/identity-platform/claims-challenge#client-capabilities */
export function readCapabilities({ claims = '{}' }: Form): string[] {
  try {
    const { data } = capabilityRequest.safeParse(JSON.parse(claims));
    return data?.access_token.xms_cc.values.filter((value) => value === 'cp1') ?? [];
  } catch {
    throw new AadstsError(9002313);
  }
}

async function signIdToken(
  { keys, faults }: Tenant,
  { code }: Form,
  grant: TokenGrant,
  accessTokenTimes: TokenTimes,
): Promise<string | undefined> {
  const times = { ...accessTokenTimes, lifetimeSeconds: idTokenLifetimeSeconds };
  const claims = idTokenClaims(grant, times);
  const fault = faults.take(idTokenFaults, code);
  return fault ? fault({ claims, keys, clientSecret: grant.client.secrets[0]?.value ?? '' }) : keys.sign(claims);
}
