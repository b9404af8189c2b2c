import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { admit, field } from './addressPage.ts';
import { type DetailField, hasProblem, judgePasswords, passwordFields } from './details.ts';
import { askCode } from './mailedCode.ts';
import { goTo, showPage, type Visit, type VisitRoutes } from './visit.ts';

/**
 * "Forgot password?": the customer enters a mailed code and a new password, and is then signed in.
 * @see https://learn.microsoft.com/entra/external-id/customers/how-to-enable-password-reset-customers
 */
export function resetPages({ get, post }: VisitRoutes): void {
  post('/reset', async (visit) => {
    const email = visit.progress?.email ?? '';
    const customer = visit.tenant.customers.findByEmail(email);
    if (!customer) return goTo(visit, '');
    if (customer.identityProvider !== undefined) {
      return showPage(visit, 'password', { email, problem: visit.texts.noPasswordHere(customer.identityProvider) });
    }
    askCode(visit, { email, purpose: 'reset' });
  });
  get('/new-password', async (visit) => {
    const customer = provenCustomer(visit);
    if (!customer) return goTo(visit, '');
    await sendNewPasswordPage(visit, customer, passwordFields(visit));
  });
  post('/new-password', async (visit) => {
    const customer = provenCustomer(visit);
    if (!customer) return goTo(visit, '');
    const fields = judgePasswords(visit, customer.email);
    if (hasProblem(fields)) return sendNewPasswordPage(visit, customer, fields);
    await changePassword(visit.tenant, customer, field(visit.request, 'password'));
    await admit(visit, customer, 'pwd');
  });
}

function provenCustomer({ tenant, progress }: Visit): Customer | undefined {
  const isProven = progress?.isProven && progress.purpose === 'reset';
  return isProven ? tenant.customers.findByEmail(progress.email) : undefined;
}

/**
 * Revokes the refresh tokens of public clients only, as Entra does.
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-revocation
 */
async function changePassword(tenant: Tenant, { oid, email }: Customer, password: string): Promise<void> {
  const { customers, passwordLock, refreshTokens } = tenant;
  await customers.setPassword(oid, password);
  passwordLock.release(email);
  refreshTokens.revokeAll(oid, ['public', 'spa']);
}

function sendNewPasswordPage(visit: Visit, { email }: Customer, fields: readonly DetailField[]) {
  const { newPassword, newPasswordLead, saveAndSignIn } = visit.texts;
  const page = { title: newPassword, lead: newPasswordLead, button: saveAndSignIn, action: 'new-password' };
  return showPage(visit, 'details', { ...page, email, fields, problem: hasProblem(fields) });
}
