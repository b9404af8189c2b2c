import type { Router } from 'express';
import type { Tenant } from '../state/tenant.ts';
import { emailAddress, field, prefilledEmail } from './addressPage.ts';
import { mailCode } from './mailedCode.ts';
import { sendPage } from './pages.ts';
import { onVisit, saveProgress, visitRoutes } from './visit.ts';

/**
 * The pages of a sign-up: the address, the mailed code (codePages.ts), the details (detailsPage.ts). Without them
 * when the app's user flow does not allow sign-up.
 * @see https://learn.microsoft.com/entra/external-id/customers/how-to-user-flow-sign-up-sign-in-customers
 */
export function signUpPages(tenant: Tenant, base: string): Router {
  const { router, get, post } = visitRoutes(tenant, base);
  router.use(
    [`${base}/sign-up`, `${base}/details`],
    onVisit(tenant, (visit, _request, response, next) =>
      visit.flow?.isSignUpAllowed ? next() : sendPage(response, 'no-sign-up', visit, 403),
    ),
  );
  get('/sign-up', (visit, _request, response) =>
    sendPage(response, 'sign-up', { ...visit, email: prefilledEmail(tenant, visit), problem: undefined }),
  );
  post('/sign-up', async (visit, request, response) => {
    const given = field(request, 'email');
    const email = emailAddress.safeParse(given).data;
    if (email === undefined || tenant.customers.findByEmail(email)) {
      const problem = email === undefined ? 'malformed' : 'taken';
      return sendPage(response, 'sign-up', { ...visit, email: given, problem }, 400);
    }
    const mailed = mailCode(tenant, email, visit.texts.mailSubject);
    saveProgress(tenant, visit, { email, purpose: 'sign-up', mailed, isProven: false });
    response.redirect(303, `${visit.base}/code`);
  });
  return router;
}
