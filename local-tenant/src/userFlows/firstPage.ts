import type { Request, Response, Router } from 'express';
import { sessionGuid } from '../entraDialect.ts';
import type { Tenant } from '../state/tenant.ts';
import { type Account, cookiesOf, customerOfHint, listAccounts } from './accounts.ts';
import { field, prefilledEmail, sendAddressPage } from './addressPage.ts';
import { sendPage } from './pages.ts';
import { resumeSession, type Visit, visitRoutes } from './visit.ts';

/** Shows the first page of a visit, which depends on the app's request and this browser's sessions. */
async function showFirstPage(tenant: Tenant, visit: Visit, request: Request, response: Response): Promise<void> {
  const { base, prompts, reason, progress, flow, domainHint } = visit;
  if (reason === 'step_up') return response.redirect(303, `${base}/second-factor`);
  if (request.query.page === 'sign-in' || progress) {
    return sendAddressPage(response, visit, prefilledEmail(tenant, visit));
  }
  if (prompts.includes('create')) return response.redirect(303, `${base}/sign-up`);
  // The domain of an identity provider: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
  const provider = flow?.identityProviders.find(({ domain }) => domain === domainHint);
  if (provider) return response.redirect(303, `${base}/social/${encodeURIComponent(provider.id)}`);
  if (reason !== 'select_account') return sendAddressPage(response, visit, prefilledEmail(tenant, visit));
  await showAccounts(tenant, visit, request, response);
}

/** Shows this browser's accounts, unless the app named one. */
async function showAccounts(tenant: Tenant, visit: Visit, request: Request, response: Response): Promise<void> {
  const accounts = await listAccounts(tenant, cookiesOf(tenant, request, response));
  const isPickAsked = visit.prompts.includes('select_account');
  if (visit.loginHint && !isPickAsked) {
    const hinted = customerOfHint(tenant.customers, visit.loginHint);
    const found = accounts.find(({ customer }) => customer.oid === hinted?.oid);
    if (found) return resumeSession(tenant, request, response, found.customer.oid);
    return sendAddressPage(response, visit, prefilledEmail(tenant, visit));
  }
  await sendPage(response, 'accounts', { ...visit, accounts: accounts.map(shownAccount) });
}

export function shownAccount({ customer, session }: Account) {
  const { email, displayName } = customer;
  return { sid: sessionGuid(session.uid), email, displayName };
}

/** The first page of a visit, and the choice of an account that is already signed in. */
export function firstPages(tenant: Tenant, base: string): Router {
  const { router, get, post } = visitRoutes(tenant, base);
  get('', (visit, request, response) => showFirstPage(tenant, visit, request, response));
  post('/account', async (visit, request, response) => {
    const accounts = await listAccounts(tenant, cookiesOf(tenant, request, response));
    const picked = accounts.find((account) => shownAccount(account).sid === field(request, 'sid'));
    const mayPick = visit.reason === 'select_account';
    if (!picked || !mayPick) return response.redirect(303, `${visit.base}?page=sign-in`);
    await resumeSession(tenant, request, response, picked.customer.oid);
  });
  return router;
}
