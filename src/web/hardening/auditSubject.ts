import type { Request, Response } from 'express';
import { loggedId } from '../../runtime/audit.ts';

/**
 * What a security event is about: the request, and its session and customer if it has any. Call it before the session
 * ends or is replaced.
 */
export function auditSubject(request: Request, response: Response) {
  const { requestId } = response.locals;
  const customer = request.session?.customer;
  if (!customer) return { requestId };
  return { requestId, session: loggedId(request.sessionID), customer: loggedId(customer.oid) };
}
