import type { Request, Response } from 'express';
import { loggedId } from '../../runtime/audit.ts';

/** Whom a security event concerns: the request, and the session and customer that it came with, if any. */
export interface AuditSubject {
  readonly requestId: string;
  readonly session?: string;
  readonly customer?: string;
}

/** Reads the subject before the session is ended or replaced. */
export function auditSubject(request: Request, response: Response): AuditSubject {
  const { requestId } = response.locals;
  const customer = request.session?.customer;
  if (!customer) return { requestId };
  return { requestId, session: loggedId(request.sessionID), customer: loggedId(customer.oid) };
}
