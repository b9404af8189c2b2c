import { emailAddress, field, prefilledEmail } from './addressPage.ts';
import { askCode } from './mailedCode.ts';
import { showPage, type VisitRoutes } from './visit.ts';

/**
 * The pages of a sign-up: the address, the mailed code (codePages.ts), the details (detailsPage.ts). They are refused
 * when the app's user flow does not allow sign-up.
 * @see https://learn.microsoft.com/entra/external-id/customers/how-to-user-flow-sign-up-sign-in-customers
 */
export function signUpPages({ use, get, post }: VisitRoutes): void {
  for (const path of ['/sign-up', '/details']) {
    use(path, (visit, next) => (visit.flow?.isSignUpAllowed ? next() : showPage(visit, 'no-sign-up', {}, 403)));
  }
  get('/sign-up', (visit) => showPage(visit, 'sign-up', { email: prefilledEmail(visit) }));
  post('/sign-up', async (visit) => {
    const given = field(visit.request, 'email');
    const email = emailAddress.safeParse(given).data;
    if (email === undefined) return showPage(visit, 'sign-up', { email: given, problem: 'malformed' });
    const isTaken = visit.tenant.customers.findByEmail(email) !== undefined;
    if (isTaken) return showPage(visit, 'sign-up', { email: given, problem: 'taken' });
    askCode(visit, { email, purpose: 'sign-up' });
  });
}
