import type { Customer } from '../state/CustomerDirectory.ts';
import { field } from './addressPage.ts';
import {
  attributeFields,
  type DetailField,
  hasProblem,
  judgePasswords,
  passwordFields,
  readAttributes,
} from './details.ts';
import type { Progress } from './progress.ts';
import { completeVisit, type Factor, goTo, showPage, type Visit, type VisitRoutes } from './visit.ts';

/** The last page of a sign-up: the attributes that the app's user flow collects, and the password. */
export function detailsPages({ get, post }: VisitRoutes): void {
  get('/details', async (visit) => {
    const progress = provenProgress(visit);
    if (!progress) return goTo(visit, '/sign-up');
    const attributes = attributeFields(visit, { displayName: progress.federated?.displayName ?? '' });
    const passwords = needsPassword(visit) ? passwordFields(visit) : [];
    await sendDetailsPage(visit, progress, [...attributes, ...passwords]);
  });
  post('/details', async (visit) => {
    const progress = provenProgress(visit);
    if (!progress) return goTo(visit, '/sign-up');
    const passwords = needsPassword(visit) ? judgePasswords(visit, progress.email) : [];
    const fields = [...readAttributes(visit), ...passwords];
    if (hasProblem(fields)) return sendDetailsPage(visit, progress, fields);
    const customer = await addCustomer(visit, progress, fields);
    if (customer) return completeVisit(visit, customer, factorOf(visit));
    await showPage(visit, 'sign-up', { email: progress.email, problem: 'taken' });
  });
}

function provenProgress({ progress }: Visit): Progress | undefined {
  return progress?.isProven && progress.purpose === 'sign-up' ? progress : undefined;
}

function needsPassword({ flow, progress }: Visit): boolean {
  return flow?.signIn === 'password' && !progress?.federated;
}

function sendDetailsPage(visit: Visit, { email }: Progress, fields: readonly DetailField[]) {
  const { addDetails, littleMore, createAccount } = visit.texts;
  const page = { title: addDetails, lead: littleMore, button: createAccount, action: 'details' };
  return showPage(visit, 'details', { ...page, email, fields, problem: hasProblem(fields) });
}

/** @returns undefined if the address was taken meanwhile */
function addCustomer(
  visit: Visit,
  { email, federated }: Progress,
  fields: readonly DetailField[],
): Promise<Customer | undefined> {
  const given = fields.filter(({ type, value }) => type === 'text' && value !== '');
  const { displayName, ...attributes } = Object.fromEntries(given.map(({ name, value }) => [name, value]));
  return visit.tenant.customers.add({
    email,
    // What Entra shows of customers whose name was not asked for.
    displayName: displayName ?? federated?.displayName ?? 'unknown',
    attributes,
    ...(needsPassword(visit) ? { password: field(visit.request, 'password') } : {}),
    ...(federated ? { identityProvider: federated.domain } : {}),
  });
}

function factorOf({ flow, progress }: Visit): Factor {
  if (progress?.federated) return 'fed';
  return flow?.signIn === 'password' ? 'pwd' : 'otp';
}
