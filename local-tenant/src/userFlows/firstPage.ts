import { sessionGuid } from '../entraDialect.ts';
import { type Account, cookiesOf, customerOfHint, listAccounts } from './accounts.ts';
import { field, sendAddressPage } from './addressPage.ts';
import { goTo, resumeSession, showPage, type Visit, type VisitRoutes } from './visit.ts';

/** The first page of a visit, and the choice of an account that is already signed in. */
export function firstPages({ get, post }: VisitRoutes): void {
  get('', showFirstPage);
  post('/account', async (visit) => {
    const sid = field(visit.request, 'sid');
    const picked = (await accountsOf(visit)).find((account) => shownAccount(account).sid === sid);
    if (!picked || visit.reason !== 'select_account') return goTo(visit, '?page=sign-in');
    await resumeSession(visit, picked.customer.oid);
  });
}

/** Shows the first page of a visit, which depends on the app's request and this browser's sessions. */
async function showFirstPage(visit: Visit): Promise<void> {
  const { prompts, reason, progress, flow, domainHint, request } = visit;
  if (reason === 'step_up') return goTo(visit, '/second-factor');
  if (request.query.page === 'sign-in' || progress) return sendAddressPage(visit);
  if (prompts.includes('create')) return goTo(visit, '/sign-up');
  // The domain of an identity provider: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
  const provider = flow?.identityProviders.find(({ domain }) => domain === domainHint);
  if (provider) return goTo(visit, `/social/${encodeURIComponent(provider.id)}`);
  if (reason !== 'select_account') return sendAddressPage(visit);
  await showAccounts(visit);
}

async function showAccounts(visit: Visit): Promise<void> {
  const accounts = await accountsOf(visit);
  if (visit.loginHint && !visit.prompts.includes('select_account')) {
    const hinted = customerOfHint(visit.tenant.customers, visit.loginHint);
    const found = accounts.find(({ customer }) => customer.oid === hinted?.oid);
    return found ? resumeSession(visit, found.customer.oid) : sendAddressPage(visit);
  }
  await showPage(visit, 'accounts', { accounts: accounts.map(shownAccount) });
}

function accountsOf({ tenant, request, response }: Visit): Promise<Account[]> {
  return listAccounts(tenant, cookiesOf(tenant, request, response));
}

export function shownAccount({ customer, session }: Account) {
  const { email, displayName } = customer;
  return { sid: sessionGuid(session.uid), email, displayName };
}
