import { randomUUID } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { ExpiringMap } from '../state/ExpiringMap.ts';
import type { Tenant } from '../state/tenant.ts';
import { admit, emailAddress, field, sendAddressPage } from './addressPage.ts';
import { sendPage } from './pages.ts';
import { saveProgress, type Visit, visitRoutes } from './visit.ts';

/** What a provider states about a person. Kept until the tenant has read it. */
interface Statement {
  readonly visit: string;
  readonly provider: string;
  readonly email: string;
  readonly displayName: string;
}

const statementSeconds = 300;
const personName = z.string().trim().min(1).max(100);

/**
 * Sign-in at another identity provider. A page below /social stands in for the provider. It has no cookie of the
 * tenant and returns a one-time code, as a real provider does.
 * @see https://learn.microsoft.com/entra/external-id/customers/concept-authentication-methods-customers#social-identity-providers
 */
export function socialPages(tenant: Tenant, base: string): Router {
  const { router, get } = visitRoutes(tenant, base);
  const statements = new ExpiringMap<Statement>(tenant.clock);
  get('/social/:provider', (visit, request, response) => {
    const provider = findProvider(visit, request);
    if (!provider) return response.redirect(303, `${visit.base}?page=sign-in`);
    const query = new URLSearchParams({ visit: visit.uid, login_hint: visit.loginHint });
    response.redirect(303, `/social/${encodeURIComponent(provider.id)}?${query}`);
  });
  get('/social/:provider/answer', async (visit, request, response) => {
    const provider = findProvider(visit, request);
    const code = String(request.query.code ?? '');
    const said = statements.get(code);
    if (!provider || said?.visit !== visit.uid || said.provider !== provider.id) {
      return response.redirect(303, `${visit.base}?page=sign-in`);
    }
    statements.delete(code);
    await acceptStatement(tenant, visit, said, provider.domain, request, response);
  });
  router.use(providerPages(tenant, base, statements));
  return router;
}

function findProvider({ flow }: Visit, { params }: Request) {
  return flow?.identityProviders.find(({ id }) => id === params.provider);
}

async function acceptStatement(
  tenant: Tenant,
  visit: Visit,
  { email, displayName }: Statement,
  domain: string,
  request: Request,
  response: Response,
) {
  const customer = tenant.customers.findByEmail(email);
  // The same address with another kind of account is a different customer.
  if (customer && customer.identityProvider !== domain) return sendAddressPage(response, visit, email, 'taken');
  if (customer) return admit(tenant, visit, request, response, { customer, factor: 'fed' });
  if (!visit.flow?.isSignUpAllowed) return sendAddressPage(response, visit, email, 'unknown');
  saveProgress(tenant, visit, { email, purpose: 'sign-up', isProven: true, federated: { displayName, domain } });
  response.redirect(303, `${visit.base}/details`);
}

/** The provider's own page. It believes what people enter. */
function providerPages({ registrations }: Tenant, base: string, statements: ExpiringMap<Statement>): Router {
  const router = Router();
  const find = (id: unknown) =>
    registrations.apps
      .flatMap(({ clientId }) => registrations.userFlowOf(clientId)?.identityProviders ?? [])
      .find((provider) => provider.id === id);
  const visitPath = (uid: string) => base.replace(':uid', encodeURIComponent(uid));
  router.get('/social/:provider', async (request, response, next) => {
    const provider = find(request.params.provider);
    if (!provider) return next();
    const { visit = '', login_hint: hint = '' } = request.query;
    const page = { provider, visit: String(visit), base: visitPath(String(visit)), email: String(hint) };
    await sendPage(response, 'social', { ...page, displayName: '', problem: undefined });
  });
  router.post('/social/:provider', async (request, response, next) => {
    const provider = find(request.params.provider);
    if (!provider) return next();
    const visit = field(request, 'visit');
    const given = field(request, 'email');
    const displayName = field(request, 'displayName');
    const email = emailAddress.safeParse(given).data;
    const name = personName.safeParse(displayName).data;
    if (email === undefined || name === undefined) {
      const problem = 'Enter an email address, such as name@example.com, and a name of at most 100 characters.';
      const page = { provider, visit, base: visitPath(visit), email: given, displayName, problem };
      return sendPage(response, 'social', page, 400);
    }
    const code = randomUUID();
    statements.set(code, { visit, provider: provider.id, email, displayName: name }, statementSeconds);
    response.redirect(303, `${visitPath(visit)}/social/${encodeURIComponent(provider.id)}/answer?code=${code}`);
  });
  return router;
}
