import { z } from 'zod';
import { tenantAuthority } from '../entra/authority.ts';
import type { IssuedTokens } from '../entra/issuedTokens.ts';
import { parseJson } from '../runtime/parseJson.ts';
import type { HeadlessConfig } from './config.ts';

/** The tenant and app that tokens belong to. A refresh token is sent to no other tenant. */
export type TokenOwner = Pick<HeadlessConfig, 'tenant' | 'clientId'>;

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

export function serializeTokens({ tenant, clientId }: TokenOwner, tokens: IssuedTokens): string {
  const { claims, accessToken, msalCache } = tokens;
  const { origin } = tenantAuthority(tenant);
  return JSON.stringify({ version, origin, tenantId: claims.tid, clientId, claims, accessToken, msalCache });
}

/** @returns the tokens, or as `problem` why the text cannot be used */
export function parseTokens(text: string, owner: TokenOwner): { tokens?: IssuedTokens; problem?: string } {
  const json = parseJson(text);
  if (json === undefined) return { problem: 'is damaged' };
  if (!versioned.safeParse(json).success) return { problem: 'was not written by this version of the app' };
  const { data } = storedTokens.safeParse(json);
  if (!data) return { problem: 'is damaged' };
  const { origin, tenantId, clientId, ...tokens } = data;
  if (origin !== tenantAuthority(owner.tenant).origin || tenantId !== (owner.tenant.tenantId ?? tenantId)) {
    return { problem: 'belongs to another tenant' };
  }
  if (clientId !== owner.clientId) return { problem: 'belongs to another app' };
  return { tokens };
}
