import type { Response, Router } from 'express';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { admit, field } from './addressPage.ts';
import { hasProblem, judgePasswords, passwordFields } from './details.ts';
import { mailCode } from './mailedCode.ts';
import { type DetailField, sendPage } from './pages.ts';
import { saveProgress, type Visit, visitRoutes } from './visit.ts';

/**
 * "Forgot password?": the customer enters a mailed code and a new password, and is then signed in.
 * @see https://learn.microsoft.com/entra/external-id/customers/how-to-enable-password-reset-customers
 */
export function resetPages(tenant: Tenant, base: string): Router {
  const { router, get, post } = visitRoutes(tenant, base);
  post('/reset', async (visit, _request, response) => {
    const email = visit.progress?.email ?? '';
    const customer = tenant.customers.findByEmail(email);
    if (!customer) return response.redirect(303, visit.base);
    if (customer.identityProvider !== undefined) {
      const problem = visit.texts.noPasswordHere(customer.identityProvider);
      return sendPage(response, 'password', { ...visit, email, problem }, 400);
    }
    const mailed = mailCode(tenant, email, visit.texts.mailSubject);
    saveProgress(tenant, visit, { email, purpose: 'reset', mailed, isProven: false });
    response.redirect(303, `${visit.base}/code`);
  });
  get('/new-password', async (visit, _request, response) => {
    const email = provenEmail(visit);
    if (email === undefined) return response.redirect(303, visit.base);
    await sendNewPasswordPage(response, visit, email, passwordFields(visit));
  });
  post('/new-password', async (visit, request, response) => {
    const email = provenEmail(visit);
    const customer = email !== undefined && tenant.customers.findByEmail(email);
    if (!customer) return response.redirect(303, visit.base);
    const fields = judgePasswords(visit, request, customer.email);
    if (hasProblem(fields)) return sendNewPasswordPage(response, visit, customer.email, fields);
    await changePassword(tenant, customer, field(request, 'password'));
    await admit(tenant, visit, request, response, { customer, factor: 'pwd' });
  });
  return router;
}

function provenEmail({ progress }: Visit): string | undefined {
  return progress?.isProven && progress.purpose === 'reset' ? progress.email : undefined;
}

/**
 * Revokes the refresh tokens of public clients only, as Entra does.
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-revocation
 */
async function changePassword(tenant: Tenant, { oid, email }: Customer, password: string): Promise<void> {
  const { customers, passwordLock, refreshTokens, registrations } = tenant;
  await customers.setPassword(oid, password);
  passwordLock.release(email);
  for (const { clientId, isPublicClient } of registrations.apps) {
    if (isPublicClient) refreshTokens.revokeAll(oid, clientId);
  }
}

async function sendNewPasswordPage(response: Response, visit: Visit, email: string, fields: readonly DetailField[]) {
  const { newPassword, newPasswordLead, saveAndSignIn } = visit.texts;
  const page = { title: newPassword, lead: newPasswordLead, button: saveAndSignIn, action: 'new-password' };
  await sendPage(response, 'details', { ...visit, ...page, email, fields }, hasProblem(fields) ? 400 : 200);
}
