import { z } from 'zod';
import { tenantAuthority } from '../entra/authority.ts';
import type { IssuedTokens } from '../entra/issuedTokens.ts';
import { parseJson } from '../runtime/parseJson.ts';
import type { HeadlessConfig } from './config.ts';

/** The tenant and app that tokens belong to. */
export interface TokenOwner {
  /** The tenant's origin: a refresh token is sent to no other. */
  readonly origin: string;
  /** Undefined when the settings do not name it. */
  readonly tenantId: string | undefined;
  readonly clientId: string;
}

export function tokenOwnerOf({ tenant, clientId }: Pick<HeadlessConfig, 'tenant' | 'clientId'>): TokenOwner {
  return { origin: tenantAuthority(tenant).origin, tenantId: tenant.tenantId, clientId };
}

const version = 1;

const versioned = z.object({ version: z.literal(version) });

const storedTokens = z
  .object({
    origin: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    claims: z.looseObject({ iss: z.string(), sub: z.string(), oid: z.string(), tid: z.string() }),
    accessToken: z.object({ token: z.string().min(1), expiresAt: z.number() }),
    msalCache: z.string().min(1),
  })
  .refine(({ tenantId, claims }) => claims.tid === tenantId);

export function serializeTokens({ origin, clientId }: TokenOwner, tokens: IssuedTokens): string {
  const { claims, accessToken, msalCache } = tokens;
  return JSON.stringify({ version, origin, tenantId: claims.tid, clientId, claims, accessToken, msalCache });
}

/** @returns the tokens, or as `problem` why the text cannot be used */
export function parseTokens(text: string, owner: TokenOwner): { tokens?: IssuedTokens; problem?: string } {
  const json = parseJson(text);
  if (json === undefined) return { problem: 'is damaged' };
  if (!versioned.safeParse(json).success) return { problem: 'was not written by this version of the app' };
  const { data } = storedTokens.safeParse(json);
  if (!data) return { problem: 'is damaged' };
  const { origin, tenantId, clientId, claims, accessToken, msalCache } = data;
  if (origin !== owner.origin || tenantId !== (owner.tenantId ?? tenantId)) {
    return { problem: 'belongs to another tenant' };
  }
  if (clientId !== owner.clientId) return { problem: 'belongs to another app' };
  return { tokens: { claims, accessToken, msalCache } };
}
