import type { RequestHandler, Response } from 'express';
import type { AccessTokenClaims, VerifyAccessToken } from './accessToken.ts';
import { bearerProblem } from './errors.ts';

/** An app on behalf of a customer, or an application on its own, which sees every owner. */
export type Caller = ({ readonly kind: 'customer'; readonly oid: string } | { readonly kind: 'application' }) & {
  /** Identifies the customer or application. */
  readonly key: string;
};

const delegated = {
  read: ['ToDoList.Read', 'ToDoList.ReadWrite'],
  write: ['ToDoList.ReadWrite'],
  create: ['ToDoList.ReadWrite'],
} as const;

/** An application may read and write existing to-dos, but never create one in a customer's name. */
const application = {
  read: ['ToDoList.Read.All', 'ToDoList.ReadWrite.All'],
  write: ['ToDoList.ReadWrite.All'],
  create: [],
} as const;

/** Requires a valid access token with a permission for the action. */
export function requirePermission(action: keyof typeof delegated, verify: VerifyAccessToken): RequestHandler {
  return async (request, response, next) => {
    const claims = await verify(request.headersDistinct.authorization);
    response.locals.oid = claims.oid;
    response.locals.caller = permit(claims, action);
    next();
  };
}

/** The caller of a request that passed {@link requirePermission}. */
export function callerOf(response: Response): Caller {
  return response.locals.caller;
}

/**
 * Delegated permissions count only in `scp`, application permissions only in `roles`.
 * @throws {Problem} 403
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
 */
function permit(claims: AccessTokenClaims, action: keyof typeof delegated): Caller {
  const { tid, oid, roles, scp } = claims;
  const key = `${tid}:${oid}`;
  if (isApplication(claims)) {
    if (application[action].some((name) => Array.isArray(roles) && roles.includes(name))) {
      return { kind: 'application', key };
    }
    const [needed = delegated[action][0]] = application[action];
    throw bearerProblem('insufficient_scope', 'the application lacks the permission', { scope: needed });
  }
  const scopes = typeof scp === 'string' ? scp.split(' ') : [];
  if (delegated[action].some((name) => scopes.includes(name))) return { kind: 'customer', oid, key };
  throw bearerProblem('insufficient_scope', 'the access token lacks the permission', { scope: delegated[action][0] });
}

/** A token has `idtyp` only if the registration asks for it. Otherwise, only an application is its own subject. */
function isApplication({ idtyp, scp, oid, sub }: AccessTokenClaims): boolean {
  return idtyp === 'app' || (idtyp === undefined && scp === undefined && oid === sub.toLowerCase());
}
