import type { Request, Response, Router } from 'express';
import type { Tenant } from '../state/tenant.ts';
import { admit, emailAddress, field, sendAddressPage } from './addressPage.ts';
import { mailCode } from './mailedCode.ts';
import { sendPage } from './pages.ts';
import { saveProgress, type Visit, visitRoutes } from './visit.ts';

/** The pages of a sign-in: the address, then the password or a mailed code, depending on the app's user flow. */
export function signInPages(tenant: Tenant, base: string): Router {
  const { router, get, post } = visitRoutes(tenant, base);
  post('', async (visit, request, response) => {
    const given = field(request, 'email');
    const email = emailAddress.safeParse(given).data;
    if (email === undefined) return sendAddressPage(response, visit, given, 'malformed');
    const customer = tenant.customers.findByEmail(email);
    if (!customer) return sendAddressPage(response, visit, given, 'unknown');
    if (visit.flow?.signIn === 'emailOneTimePasscode') {
      if (!customer.isEnabled) return sendAddressPage(response, visit, given, 'disabled');
      const mailed = mailCode(tenant, email, visit.texts.mailSubject);
      saveProgress(tenant, visit, { email, purpose: 'sign-in', mailed, isProven: false });
      return response.redirect(303, `${visit.base}/code`);
    }
    saveProgress(tenant, visit, { email, purpose: 'sign-in', isProven: false });
    response.redirect(303, `${visit.base}/password`);
  });
  get('/password', async (visit, _request, response) => {
    if (!visit.progress) return response.redirect(303, visit.base);
    await sendPage(response, 'password', { ...visit, email: visit.progress.email, problem: undefined });
  });
  post('/password', (visit, request, response) => checkPassword(tenant, visit, request, response));
  return router;
}

async function checkPassword(tenant: Tenant, visit: Visit, request: Request, response: Response) {
  if (!visit.progress) return response.redirect(303, visit.base);
  const { passwordLock, customers } = tenant;
  const { email } = visit.progress;
  const refuse = (problem: string) => sendPage(response, 'password', { ...visit, email, problem }, 400);
  const { lockedOut, wrongPassword } = visit.texts;
  const lockedSeconds = passwordLock.secondsLeft(email);
  if (lockedSeconds > 0) return refuse(lockedOut(lockedSeconds));
  passwordLock.count(email);
  const customer = await customers.authenticate(email, field(request, 'password').slice(0, 256));
  if (customer) {
    passwordLock.release(email);
    return admit(tenant, visit, request, response, { customer, factor: 'pwd' });
  }
  const secondsLeft = passwordLock.secondsLeft(email);
  return refuse(secondsLeft > 0 ? lockedOut(secondsLeft) : wrongPassword);
}
