import { z } from 'zod';
import { tenantAuthority } from '../entra/authority.ts';
import type { HeadlessConfig } from './config.ts';
import type { SignedIn } from './PublicAuthProvider.ts';

/** For which tenant and app a sign-in is. */
export interface TokenOwner {
  /** The tenant's origin: a refresh token goes to no other. */
  readonly origin: string;
  /** Undefined: the settings do not say. */
  readonly tenantId: string | undefined;
  readonly clientId: string;
}

export function tokenOwnerOf({ tenant, clientId }: Pick<HeadlessConfig, 'tenant' | 'clientId'>): TokenOwner {
  return { origin: tenantAuthority(tenant).origin, tenantId: tenant.tenantId, clientId };
}

const version = 1;

const versioned = z.object({ version: z.literal(version) });

const storedSignIn = versioned
  .extend({
    origin: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    claims: z.looseObject({ iss: z.string(), sub: z.string(), oid: z.string(), tid: z.string() }),
    accessToken: z.object({ token: z.string().min(1), expiresAt: z.number() }),
    msalCache: z.string().min(1),
  })
  .refine(({ tenantId, claims }) => claims.tid === tenantId);

export function serializeSignIn({ origin, clientId }: TokenOwner, signedIn: SignedIn): string {
  const { claims, accessToken, msalCache } = signedIn;
  return JSON.stringify({ version, origin, tenantId: claims.tid, clientId, claims, accessToken, msalCache });
}

/** @returns the sign-in, or as `problem` what is wrong with the text */
export function parseSignIn(text: string, owner: TokenOwner): { signedIn?: SignedIn; problem?: string } {
  const json = parsedJson(text);
  if (json === undefined) return { problem: 'is damaged' };
  if (!versioned.safeParse(json).success) return { problem: "is not of this app's version" };
  const { data } = storedSignIn.safeParse(json);
  if (!data) return { problem: 'is damaged' };
  const { origin, tenantId, clientId, claims, accessToken, msalCache } = data;
  if (origin !== owner.origin || tenantId !== (owner.tenantId ?? tenantId)) return { problem: 'is of another tenant' };
  if (clientId !== owner.clientId) return { problem: 'is of another app' };
  return { signedIn: { claims, accessToken, msalCache } };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
