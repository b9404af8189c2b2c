import type { Request, Response } from 'express';
import { loggedId } from '../../runtime/audit.ts';

/**
 * Identifies a security event's request, session and customer for the log. Call it before the session
 * ends or is replaced.
 */
export function auditSubject(request: Request, response: Response) {
  const { requestId } = response.locals;
  const customer = request.session?.customer;
  if (!customer) return { requestId };
  return { requestId, session: loggedId(request.sessionID), customer: loggedId(customer.oid) };
}
