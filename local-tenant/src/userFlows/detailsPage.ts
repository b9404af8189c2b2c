import type { Response, Router } from 'express';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { field } from './addressPage.ts';
import { attributeFields, hasProblem, judgePasswords, passwordFields, readAttributes } from './details.ts';
import { type DetailField, sendPage } from './pages.ts';
import type { Progress } from './progress.ts';
import { completeVisit, type Factor, type Visit, visitRoutes } from './visit.ts';

/** The last page of a sign-up: the attributes that the app's user flow collects, and the password. */
export function detailsPages(tenant: Tenant, base: string): Router {
  const { router, get, post } = visitRoutes(tenant, base);
  get('/details', async (visit, _request, response) => {
    const progress = provenProgress(visit);
    if (!progress) return response.redirect(303, `${visit.base}/sign-up`);
    const attributes = attributeFields(visit, { displayName: progress.federated?.displayName ?? '' });
    const passwords = needsPassword(visit) ? passwordFields(visit) : [];
    await sendDetailsPage(response, visit, progress, [...attributes, ...passwords]);
  });
  post('/details', async (visit, request, response) => {
    const progress = provenProgress(visit);
    if (!progress) return response.redirect(303, `${visit.base}/sign-up`);
    const attributes = readAttributes(visit, request);
    const passwords = needsPassword(visit) ? judgePasswords(visit, request, progress.email) : [];
    const fields = [...attributes, ...passwords];
    if (hasProblem(fields)) return sendDetailsPage(response, visit, progress, fields);
    const customer = await addCustomer(tenant, visit, progress, fields, field(request, 'password'));
    if (customer) return completeVisit(tenant, request, response, customer, factorOf(visit));
    await sendPage(response, 'sign-up', { ...visit, email: progress.email, problem: 'taken' }, 400);
  });
  return router;
}

function provenProgress({ progress }: Visit): Progress | undefined {
  return progress?.isProven && progress.purpose === 'sign-up' ? progress : undefined;
}

function needsPassword({ flow, progress }: Visit): boolean {
  return flow?.signIn === 'password' && !progress?.federated;
}

async function sendDetailsPage(response: Response, visit: Visit, { email }: Progress, fields: readonly DetailField[]) {
  const { addDetails, littleMore, createAccount } = visit.texts;
  const page = { title: addDetails, lead: littleMore, button: createAccount, action: 'details' };
  await sendPage(response, 'details', { ...visit, ...page, email, fields }, hasProblem(fields) ? 400 : 200);
}

/** @returns undefined if the address was taken meanwhile */
function addCustomer(
  { customers }: Tenant,
  visit: Visit,
  { email, federated }: Progress,
  fields: readonly DetailField[],
  password: string,
): Promise<Customer | undefined> {
  const given = fields.filter(({ type, value }) => type === 'text' && value !== '');
  const { displayName, ...attributes } = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  return customers.add({
    email,
    // What Entra shows of customers whose name was not asked for.
    displayName: displayName ?? federated?.displayName ?? 'unknown',
    attributes,
    ...(needsPassword(visit) ? { password } : {}),
    ...(federated ? { identityProvider: federated.domain } : {}),
  });
}

function factorOf({ flow, progress }: Visit): Factor {
  if (progress?.federated) return 'fed';
  return flow?.signIn === 'password' ? 'pwd' : 'otp';
}
