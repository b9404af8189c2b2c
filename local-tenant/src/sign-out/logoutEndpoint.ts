import { type Request, type Response, Router, urlencoded } from 'express';
import { endpointPaths, issuerOf, sessionGuid } from '../entraDialect.ts';
import { type AuthorizationFault, logoutFaults } from '../faults/authorizationFaults.ts';
import type { Tenant } from '../state/tenant.ts';
import { type Account, cookiesOf, customerOfHint, endSession, listAccounts } from '../userFlows/accounts.ts';
import { shownAccount } from '../userFlows/firstPage.ts';
import { chooseTexts } from '../userFlows/language.ts';
import { sendPage } from '../userFlows/pages.ts';
import { frontChannelUrls } from './sessionApps.ts';

type Parameters = ReadonlyMap<string, unknown>;

/**
 * Ends a customer's session here. `post_logout_redirect_uri` is honoured alone, without `id_token_hint` or
 * `client_id`, when it is a redirect URI of any app. Tokens that were issued stay good.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
 */
export function logoutEndpoint(tenant: Tenant): Router {
  const router = Router();
  const path = endpointPaths(tenant.config).logout;
  const form = urlencoded({ extended: false, limit: '16kb' });
  router.get(path, (request, response) => signOut(tenant, request, response, readParameters(request.query)));
  router.post(path, form, (request, response) => signOut(tenant, request, response, readParameters(request.body)));
  return router;
}

function readParameters(given: unknown): Parameters {
  return new Map(Object.entries<unknown>(Object(given)));
}

async function signOut(tenant: Tenant, request: Request, response: Response, parameters: Parameters): Promise<void> {
  const cookies = cookiesOf(tenant, request, response);
  const accounts = await listAccounts(tenant, cookies);
  const account = chooseAccount(tenant, accounts, parameters);
  const texts = chooseTexts(request.acceptsLanguages());
  if (!account && accounts.length > 0) {
    const hidden = textsOf(parameters, ['post_logout_redirect_uri', 'state']);
    const page = { texts, hidden, action: request.path, accounts: accounts.map(shownAccount) };
    return sendPage(response, 'sign-out-accounts', page);
  }
  if (account) await endSession(tenant, cookies, account);
  if (account) tenant.log.info('Signed out', { customer: account.customer.email });
  const target = findTarget(tenant, parameters);
  const frames = account ? frontChannelUrls(tenant, account.session) : [];
  if (!target) return sendPage(response, 'signed-out', { texts, frames });
  if (frames.length > 0) {
    // Entra's page waits for the frames with a script; a refresh waits for them too, and so short a one leaves no page
    // in the browser's history to go back to (https://html.spec.whatwg.org/#shared-declarative-refresh-steps).
    response.set('Refresh', `0; url=${target}`);
    return sendPage(response, 'signing-out', { texts, frames, target });
  }
  response.redirect(303, target);
}

/** The only account, the one that was picked (`sid`), or the one that `logout_hint` means. */
function chooseAccount({ customers }: Tenant, accounts: readonly Account[], parameters: Parameters) {
  if (accounts.length === 1) return accounts[0];
  const hint = String(parameters.get('logout_hint') ?? '');
  // Unlike a login_hint, it is no address: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
  const hinted = hint.includes('@') ? undefined : customerOfHint(customers, hint);
  const picked = parameters.get('sid');
  return accounts.find(({ customer, session }) => sessionGuid(session.uid) === picked || customer.oid === hinted?.oid);
}

function findTarget({ registrations, faults, config }: Tenant, parameters: Parameters): string | undefined {
  const uri = parameters.get('post_logout_redirect_uri');
  if (typeof uri !== 'string' || !registrations.isAnyRedirectUri(uri)) return undefined;
  const target = new URL(uri);
  const state = parameters.get('state');
  if (typeof state === 'string') target.searchParams.append('state', state);
  faults.take<AuthorizationFault>(logoutFaults)?.(target.searchParams, issuerOf(config));
  return target.href;
}

function textsOf(parameters: Parameters, names: readonly string[]): Record<string, string> {
  const entries = names.map((name) => [name, parameters.get(name)] as const);
  return Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}
