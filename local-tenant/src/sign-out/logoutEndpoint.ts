import { type Request, type Response, Router, urlencoded } from 'express';
import { endpointPaths, issuerOf, sessionGuid } from '../entraDialect.ts';
import { type AuthorizationFault, logoutFaults } from '../faults/authorizationFaults.ts';
import type { Tenant } from '../state/tenant.ts';
import { type Account, cookiesOf, customerOfHint, endSession, listAccounts } from '../userFlows/accounts.ts';
import { shownAccount } from '../userFlows/firstPage.ts';
import { chooseTexts } from '../userFlows/language.ts';
import { sendPage } from '../userFlows/pages.ts';
import { frontChannelUrls } from './sessionApps.ts';

type Parameters = Readonly<Record<string, unknown>>;

/**
 * Ends a customer's session at the tenant. `post_logout_redirect_uri` needs no `id_token_hint` or `client_id`; it must be
 * a redirect URI of any app. Issued tokens stay valid.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
 */
export function logoutEndpoint(tenant: Tenant): Router {
  const router = Router();
  const path = endpointPaths(tenant.config).logout;
  const form = urlencoded({ extended: false, limit: '16kb' });
  router.get(path, (request, response) => signOut(tenant, request, response, request.query));
  router.post(path, form, (request, response) => signOut(tenant, request, response, request.body ?? {}));
  return router;
}

async function signOut(tenant: Tenant, request: Request, response: Response, parameters: Parameters): Promise<void> {
  const cookies = cookiesOf(tenant, request, response);
  const accounts = await listAccounts(tenant, cookies);
  const account = chooseAccount(tenant, accounts, parameters);
  const texts = chooseTexts(request.acceptsLanguages());
  if (!account && accounts.length > 0) {
    const { post_logout_redirect_uri, state } = parameters;
    const sent = Object.entries({ post_logout_redirect_uri, state });
    const hidden = Object.fromEntries(sent.filter(([, value]) => typeof value === 'string'));
    const page = { texts, hidden, action: request.path, accounts: accounts.map(shownAccount) };
    return sendPage(response, 'sign-out-accounts', page);
  }
  if (account) await endSession(tenant, cookies, account);
  if (account) tenant.log.info('Signed out', { customer: account.customer.email });
  const target = findTarget(tenant, parameters);
  const frames = account ? frontChannelUrls(tenant, account.session) : [];
  if (!target) return sendPage(response, 'signed-out', { texts, frames });
  if (frames.length > 0) {
    // Entra's page waits for the frames with a script. A refresh waits for them as well, and one of 0 s leaves no entry in
    // the browser's history (https://html.spec.whatwg.org/#shared-declarative-refresh-steps).
    response.set('Refresh', `0; url=${target}`);
    return sendPage(response, 'signing-out', { texts, frames, target });
  }
  response.redirect(303, target);
}

/** The only account, the picked one (`sid`), or the one of the `logout_hint`. */
function chooseAccount({ customers }: Tenant, accounts: readonly Account[], parameters: Parameters) {
  if (accounts.length === 1) return accounts[0];
  const hint = String(parameters.logout_hint ?? '');
  // Unlike a login_hint, it is never an address: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
  const hinted = hint.includes('@') ? undefined : customerOfHint(customers, hint);
  return accounts.find(
    ({ customer, session }) => sessionGuid(session.uid) === parameters.sid || customer.oid === hinted?.oid,
  );
}

function findTarget({ registrations, faults, config }: Tenant, parameters: Parameters): string | undefined {
  const { post_logout_redirect_uri: uri, state } = parameters;
  if (typeof uri !== 'string' || !registrations.isAnyRedirectUri(uri)) return undefined;
  const target = new URL(uri);
  if (typeof state === 'string') target.searchParams.append('state', state);
  faults.take<AuthorizationFault>(logoutFaults)?.(target.searchParams, issuerOf(config));
  return target.href;
}
