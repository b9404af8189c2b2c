import type { Customer } from '../state/CustomerDirectory.ts';
import { askCode, maskEmail } from './mailedCode.ts';
import { failVisit, goTo, resumeSession, showPage, type Visit, type VisitRoutes } from './visit.ts';

/**
 * The second factor that an authentication context requires: a mailed code, unless the first factor was one.
 * @see https://learn.microsoft.com/entra/external-id/customers/concept-multifactor-authentication-customers
 */
export function secondFactorPages({ get, post }: VisitRoutes): void {
  get('/second-factor', async (visit) => {
    const customer = customerOf(visit);
    if (!customer) return goTo(visit, '?page=sign-in');
    // One second factor per session is enough for further contexts.
    if (visit.factors.includes('mfa')) return resumeSession(visit, customer.oid, visit.contexts.join(' '));
    if (visit.factors.includes('otp')) return showPage(visit, 'other-factor');
    await showPage(visit, 'second-factor', { maskedEmail: maskEmail(customer.email) });
  });
  post('/second-factor', (visit) => {
    const customer = customerOf(visit);
    if (!customer || visit.factors.includes('otp')) return goTo(visit, '/second-factor');
    askCode(visit, { email: customer.email, purpose: 'second-factor' });
  });
  post('/no-second-factor', (visit) => failVisit(visit, 50076));
}

function customerOf({ tenant, reason, oid = '' }: Visit): Customer | undefined {
  return reason === 'step_up' ? tenant.customers.findByOid(oid) : undefined;
}
