import type { Request, RequestHandler, Response } from 'express';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { issuerOf } from '../entraDialect.ts';
import type { DirectoryRole } from '../registrations/customerSchema.ts';
import type { Tenant } from '../state/tenant.ts';
import { GraphProblem } from './GraphProblem.ts';
import { type GraphScope, graphAppId } from './wellKnown.ts';

/** What a request requires: one of the permissions, and one of the administrator's roles. */
export interface Need {
  readonly scopes: readonly GraphScope[];
  /** Empty: any role will do. */
  readonly roles: readonly DirectoryRole[];
}

/** Answers requests from callers who have what is needed. @throws {GraphProblem} 401 or 403 */
export function permitted(
  tenant: Tenant,
  need: Need,
  answer: (request: Request, response: Response) => void,
): RequestHandler {
  return async (request, response) => {
    const { administrator, scopes } = await authenticate(tenant, request);
    const hasScope = need.scopes.some((scope) => scopes.includes(scope));
    const roles = administrator.directoryRoles;
    const hasRole = need.roles.length === 0 ? roles.length > 0 : need.roles.some((role) => roles.includes(role));
    if (!hasScope || !hasRole) {
      throw new GraphProblem(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
    }
    answer(request, response);
  };
}

/** @see https://learn.microsoft.com/graph/auth/auth-concepts#access-tokens */
export async function authenticate(tenant: Tenant, request: Request) {
  const token = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (!token) throw refused('Access token is empty.');
  const payload = await readToken(tenant, token);
  const administrator = tenant.customers.findByOid(String(payload.oid));
  if (!administrator?.isEnabled || typeof payload.scp !== 'string') throw refused('The token is not for a person.');
  return { administrator, scopes: payload.scp.split(' ') };
}

async function readToken({ keys, config, clock }: Tenant, token: string) {
  const published = await keys.published();
  const keySet = createLocalJWKSet({ keys: published.keys.map((key) => ({ kty: 'RSA', ...key })) });
  const expected = { algorithms: ['RS256'], audience: graphAppId, issuer: issuerOf(config), currentDate: clock.now() };
  try {
    return (await jwtVerify(token, keySet, expected)).payload;
  } catch {
    throw refused('Access token validation failure. Invalid audience, signature or lifetime.');
  }
}

function refused(message: string): GraphProblem {
  return new GraphProblem(401, 'InvalidAuthenticationToken', message);
}

const applicationRoles = [
  'Application Administrator',
  'Cloud Application Administrator',
  'Global Administrator',
] as const;
const grantRoles = [...applicationRoles, 'Privileged Role Administrator'] as const;
const flowRoles = ['External ID User Flow Administrator', 'Global Administrator'] as const;
const readApplications = {
  scopes: ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.ReadWrite.All'],
  roles: [],
} as const;
const grantScopes = ['DelegatedPermissionGrant.ReadWrite.All', 'Directory.ReadWrite.All'] as const;

/** @see https://learn.microsoft.com/graph/permissions-reference */
export const needs = {
  organization: {
    read: { scopes: ['User.Read', 'Organization.Read.All', 'Directory.ReadWrite.All'], roles: [] },
  },
  applications: {
    read: readApplications,
    write: { scopes: ['Application.ReadWrite.All'], roles: applicationRoles },
  },
  permissionGrants: {
    read: { scopes: grantScopes, roles: [] },
    write: { scopes: grantScopes, roles: grantRoles },
  },
  roleAssignments: {
    read: readApplications,
    write: { scopes: ['AppRoleAssignment.ReadWrite.All'], roles: grantRoles },
  },
  flows: {
    read: { scopes: ['EventListener.Read.All', 'EventListener.ReadWrite.All'], roles: [] },
    write: { scopes: ['EventListener.ReadWrite.All'], roles: flowRoles },
  },
  flowAttributes: {
    read: { scopes: ['IdentityUserFlow.ReadWrite.All'], roles: flowRoles },
  },
} as const satisfies Record<string, { readonly read: Need; readonly write?: Need }>;
