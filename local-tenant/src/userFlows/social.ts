import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import { isVisible } from '../runtime/text.ts';
import { ExpiringMap } from '../state/ExpiringMap.ts';
import type { Tenant } from '../state/tenant.ts';
import { admit, emailAddress, field, sendAddressPage } from './addressPage.ts';
import { sendPage } from './pages.ts';
import { goTo, saveProgress, type Visit, type VisitRoutes } from './visit.ts';

/** What a provider states about a person. Kept until the tenant has read it. */
interface Statement {
  readonly visit: string;
  readonly provider: string;
  readonly email: string;
  readonly displayName: string;
}

const statementSeconds = 300;
const personName = z.string().trim().max(100).refine(isVisible);

/**
 * Sign-in at another identity provider. A page below /social stands in for the provider. It has no cookie of the
 * tenant and returns a one-time code, as a real provider does.
 * @see https://learn.microsoft.com/entra/external-id/customers/concept-authentication-methods-customers#social-identity-providers
 */
export function socialPages({ router, get, tenant, base }: VisitRoutes): void {
  const statements = new ExpiringMap<Statement>(tenant.clock);
  get('/social/:provider', (visit) => {
    const provider = findProvider(visit);
    if (!provider) return goTo(visit, '?page=sign-in');
    const query = new URLSearchParams({ visit: visit.uid, login_hint: visit.loginHint });
    visit.response.redirect(303, `/social/${encodeURIComponent(provider.id)}?${query}`);
  });
  get('/social/:provider/answer', async (visit) => {
    const provider = findProvider(visit);
    const code = String(visit.request.query.code ?? '');
    const said = statements.get(code);
    const isForVisit = said?.visit === visit.uid && said.provider === provider?.id;
    if (!provider || !isForVisit) return goTo(visit, '?page=sign-in');
    statements.delete(code);
    await acceptStatement(visit, said, provider.domain);
  });
  router.use(providerPages(tenant, base, statements));
}

function findProvider({ flow, request }: Visit) {
  return flow?.identityProviders.find(({ id }) => id === request.params.provider);
}

async function acceptStatement(visit: Visit, { email, displayName }: Statement, domain: string): Promise<void> {
  const customer = visit.tenant.customers.findByEmail(email);
  // The same address with another kind of account is a different customer.
  if (customer && customer.identityProvider !== domain) return sendAddressPage(visit, email, 'taken');
  if (customer) return admit(visit, customer, 'fed');
  if (!visit.flow?.isSignUpAllowed) return sendAddressPage(visit, email, 'unknown');
  saveProgress(visit, { email, purpose: 'sign-up', isProven: true, federated: { displayName, domain } });
  goTo(visit, '/details');
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
    const { visit = '', login_hint: email = '' } = request.query;
    const page = { provider, visit, base: visitPath(String(visit)), email, displayName: '', problem: undefined };
    await sendPage(response, 'social', page);
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
      return sendPage(response, 'social', {
        provider,
        visit,
        base: visitPath(visit),
        email: given,
        displayName,
        problem,
      });
    }
    const code = randomUUID();
    statements.set(code, { visit, provider: provider.id, email, displayName: name }, statementSeconds);
    response.redirect(303, `${visitPath(visit)}/social/${encodeURIComponent(provider.id)}/answer?code=${code}`);
  });
  return router;
}
