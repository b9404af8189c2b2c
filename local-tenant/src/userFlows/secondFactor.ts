import { Router } from 'express';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { mailCode, maskEmail } from './mailedCode.ts';
import { sendPage } from './pages.ts';
import { failVisit, onVisit, resumeSession, saveProgress, type Visit } from './visit.ts';

/**
 * The second factor that an authentication context wants: a mailed code, unless a mailed code was the first one.
 * @see https://learn.microsoft.com/entra/external-id/customers/concept-multifactor-authentication-customers
 */
export function secondFactorPages(tenant: Tenant, base: string): Router {
  const router = Router();
  router.get(
    `${base}/second-factor`,
    onVisit(tenant, async (visit, request, response) => {
      const customer = customerOf(tenant, visit);
      if (!customer) return response.redirect(303, `${visit.base}?page=sign-in`);
      // A second factor is asked for once a session: it stands for the next context as well.
      if (visit.factors.includes('mfa')) {
        return resumeSession(tenant, request, response, customer.oid, visit.contexts.join(' '));
      }
      if (visit.factors.includes('otp')) return sendPage(response, 'other-factor', visit);
      await sendPage(response, 'second-factor', { ...visit, maskedEmail: maskEmail(customer.email) });
    }),
  );
  router.post(
    `${base}/second-factor`,
    onVisit(tenant, (visit, _request, response) => {
      const customer = customerOf(tenant, visit);
      if (!customer || visit.factors.includes('otp')) return response.redirect(303, `${visit.base}/second-factor`);
      const mailed = mailCode(tenant, customer.email, visit.texts.mailSubject);
      saveProgress(tenant, visit, { email: customer.email, purpose: 'second-factor', mailed, isProven: false });
      response.redirect(303, `${visit.base}/code`);
    }),
  );
  router.post(`${base}/no-second-factor`, (request, response) => failVisit(tenant, request, response, 50076));
  return router;
}

/** The customer of the session that lacks a context. */
function customerOf({ customers }: Tenant, { reason, oid = '' }: Visit): Customer | undefined {
  return reason === 'step_up' ? customers.findByOid(oid) : undefined;
}
