import { admit, emailAddress, field, sendAddressPage } from './addressPage.ts';
import { askCode } from './mailedCode.ts';
import { goTo, saveProgress, showPage, type Visit, type VisitRoutes } from './visit.ts';

/** The pages of a sign-in: the address, then the password or a mailed code, depending on the app's user flow. */
export function signInPages({ get, post }: VisitRoutes): void {
  post('', async (visit) => {
    const given = field(visit.request, 'email');
    const email = emailAddress.safeParse(given).data;
    if (email === undefined) return sendAddressPage(visit, given, 'malformed');
    const customer = visit.tenant.customers.findByEmail(email);
    if (!customer) return sendAddressPage(visit, given, 'unknown');
    if (visit.flow?.signIn === 'emailOneTimePasscode') {
      if (!customer.isEnabled) return sendAddressPage(visit, given, 'disabled');
      return askCode(visit, { email, purpose: 'sign-in' });
    }
    saveProgress(visit, { email, purpose: 'sign-in', isProven: false });
    goTo(visit, '/password');
  });
  get('/password', async (visit) => {
    if (!visit.progress) return goTo(visit, '');
    await showPage(visit, 'password', { email: visit.progress.email });
  });
  post('/password', checkPassword);
}

async function checkPassword(visit: Visit): Promise<void> {
  if (!visit.progress) return goTo(visit, '');
  const { passwordLock, customers } = visit.tenant;
  const { email } = visit.progress;
  const { lockedOut, wrongPassword } = visit.texts;
  const lockedSeconds = passwordLock.secondsLeft(email);
  if (lockedSeconds > 0) return showPage(visit, 'password', { email, problem: lockedOut(lockedSeconds) });
  passwordLock.count(email);
  const customer = await customers.authenticate(email, field(visit.request, 'password').slice(0, 256));
  if (customer) {
    passwordLock.release(email);
    return admit(visit, customer, 'pwd');
  }
  const secondsLeft = passwordLock.secondsLeft(email);
  await showPage(visit, 'password', { email, problem: secondsLeft > 0 ? lockedOut(secondsLeft) : wrongPassword });
}
