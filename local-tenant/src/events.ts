import type { RequestHandler } from 'express';
import type { Tenant } from './state/tenant.ts';

/** Descriptions repeat what the app sent, which may be long. */
const longestReason = 300;

/** Logs one line for each sign-in, and for each request that was refused, with its AADSTS code. */
export function logEvents({ provider, customers, registrations, log }: Tenant): RequestHandler {
  provider.on('authorization.success', ({ oidc }) => {
    const customer = customers.findByOid(oidc.session?.accountId ?? '')?.email;
    log.info('Signed in', { customer, app: registrations.findClient(oidc.client?.clientId ?? '')?.displayName });
  });
  return (request, response, next) => {
    const { path } = request;
    response.on('finish', () => {
      const { refused } = response.locals;
      const reason = typeof refused === 'string' ? refused : reasonInRedirect(response.getHeader('location'));
      if (reason) log.warn(`Refused: ${reason.slice(0, longestReason)}`, { path });
    });
    next();
  };
}

function reasonInRedirect(location: unknown): string | undefined {
  if (typeof location !== 'string' || !URL.canParse(location)) return undefined;
  const { searchParams, hash } = new URL(location);
  const answer = searchParams.has('error') ? searchParams : new URLSearchParams(hash.slice(1));
  if (answer.get('error_subcode') === 'cancel') return 'the customer pressed Cancel';
  return answer.get('error_description')?.replace(/ Trace ID: .*/, '') ?? answer.get('error') ?? undefined;
}
