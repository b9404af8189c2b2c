import type { Request } from 'express';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { issuerOf } from '../entraDialect.ts';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { GraphProblem } from './GraphProblem.ts';
import { type DirectoryRole, type GraphScope, graphAppId } from './wellKnown.ts';

/** Who asks, by a token that is good. */
export interface Caller {
  readonly administrator: Customer;
  readonly scopes: readonly string[];
}

/** What a request needs: one of the permissions, and one of the roles of the person. */
export interface Need {
  readonly scopes: readonly GraphScope[];
  /** Empty: every administrator has one that is enough. */
  readonly roles: readonly DirectoryRole[];
}

/**
 * Finds out who sent a request.
 * @throws {GraphProblem} 401 InvalidAuthenticationToken
 * @see https://learn.microsoft.com/graph/auth/auth-concepts#access-tokens
 */
export async function authenticate(tenant: Tenant, request: Request): Promise<Caller> {
  const token = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (!token) throw refused('Access token is empty.');
  const payload = await readToken(tenant, token);
  const administrator = tenant.customers.findByOid(String(payload.oid));
  if (!administrator?.isEnabled || typeof payload.scp !== 'string') throw refused('The token is not for a person.');
  return { administrator, scopes: payload.scp.split(' ') };
}

async function readToken({ keys, config, clock }: Tenant, token: string) {
  const published = await keys.published();
  const expected = { algorithms: ['RS256'], audience: graphAppId, issuer: issuerOf(config), currentDate: clock.now() };
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published.keys.map(asJwk) }), expected);
    return payload;
  } catch {
    throw refused('Access token validation failure. Invalid audience, signature or lifetime.');
  }
}

/** @throws {GraphProblem} 403 Authorization_RequestDenied */
export function authorize({ administrator, scopes }: Caller, need: Need): void {
  const hasScope = need.scopes.some((scope) => scopes.includes(scope));
  const roles = administrator.directoryRoles;
  const hasRole = need.roles.length === 0 ? roles.length > 0 : need.roles.some((role) => roles.includes(role));
  if (hasScope && hasRole) return;
  throw new GraphProblem(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

function refused(message: string): GraphProblem {
  return new GraphProblem(401, 'InvalidAuthenticationToken', message);
}

function asJwk(key: object) {
  return { kty: 'RSA', ...key };
}

const applicationRoles = [
  'Application Administrator',
  'Cloud Application Administrator',
  'Global Administrator',
] as const;
const readApplications = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.ReadWrite.All'] as const;
const writeGrants = ['DelegatedPermissionGrant.ReadWrite.All', 'Directory.ReadWrite.All'] as const;

/**
 * What each kind of request needs.
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
export const needs = {
  readOrganization: { scopes: ['User.Read', 'Organization.Read.All', 'Directory.ReadWrite.All'], roles: [] },
  readApplications: { scopes: readApplications, roles: [] },
  writeApplications: { scopes: ['Application.ReadWrite.All'], roles: applicationRoles },
  readGrants: { scopes: writeGrants, roles: [] },
  writeGrants: { scopes: writeGrants, roles: [...applicationRoles, 'Privileged Role Administrator'] },
  writeRoleAssignments: {
    scopes: ['AppRoleAssignment.ReadWrite.All'],
    roles: [...applicationRoles, 'Privileged Role Administrator'],
  },
  readFlows: { scopes: ['EventListener.Read.All', 'EventListener.ReadWrite.All'], roles: [] },
  writeFlows: {
    scopes: ['EventListener.ReadWrite.All'],
    roles: ['External ID User Flow Administrator', 'Global Administrator'],
  },
  flowAttributes: {
    scopes: ['IdentityUserFlow.ReadWrite.All'],
    roles: ['External ID User Flow Administrator', 'Global Administrator'],
  },
} as const satisfies Record<string, Need>;
