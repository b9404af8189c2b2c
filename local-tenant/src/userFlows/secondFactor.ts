import type { Router } from 'express';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { mailCode, maskEmail } from './mailedCode.ts';
import { sendPage } from './pages.ts';
import { failVisit, resumeSession, saveProgress, type Visit, visitRoutes } from './visit.ts';

/**
 * The second factor that an authentication context requires: a mailed code, unless the first factor was one.
 * @see https://learn.microsoft.com/entra/external-id/customers/concept-multifactor-authentication-customers
 */
export function secondFactorPages(tenant: Tenant, base: string): Router {
  const { router, get, post } = visitRoutes(tenant, base);
  get('/second-factor', async (visit, request, response) => {
    const customer = customerOf(tenant, visit);
    if (!customer) return response.redirect(303, `${visit.base}?page=sign-in`);
    // One second factor per session is enough for further contexts.
    if (visit.factors.includes('mfa')) {
      return resumeSession(tenant, request, response, customer.oid, visit.contexts.join(' '));
    }
    if (visit.factors.includes('otp')) return sendPage(response, 'other-factor', visit);
    await sendPage(response, 'second-factor', { ...visit, maskedEmail: maskEmail(customer.email) });
  });
  post('/second-factor', (visit, _request, response) => {
    const customer = customerOf(tenant, visit);
    if (!customer || visit.factors.includes('otp')) return response.redirect(303, `${visit.base}/second-factor`);
    const mailed = mailCode(tenant, customer.email, visit.texts.mailSubject);
    saveProgress(tenant, visit, { email: customer.email, purpose: 'second-factor', mailed, isProven: false });
    response.redirect(303, `${visit.base}/code`);
  });
  router.post(`${base}/no-second-factor`, (request, response) => failVisit(tenant, request, response, 50076));
  return router;
}

/** The customer whose session lacks a context. */
function customerOf({ customers }: Tenant, { reason, oid = '' }: Visit): Customer | undefined {
  return reason === 'step_up' ? customers.findByOid(oid) : undefined;
}
