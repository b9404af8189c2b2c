import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import { AadstsError, isAadstsCode } from './AadstsError.ts';
import { appSettings } from './appSettings.ts';
import { endpointPaths } from './entraDialect.ts';
import type { Tenant } from './state/tenant.ts';
import { sendPage } from './userFlows/pages.ts';

const shownCustomers = 20;

const errorCodes = {
  url: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
  name: 'Entra’s error codes at Microsoft Learn',
};

/** The pages for developers: apps and customers, mails, meanings of errors. */
export function ownPages({ config, inbox, registrations, customers, written }: Tenant): Router {
  const router = Router();
  const stylesheet = fileURLToPath(new URL('../public/tenant.css', import.meta.url));
  router.get('/', (_request, response) =>
    sendPage(response, 'home', {
      settings: appSettings(config, registrations),
      metadata: endpointPaths(config).metadata,
      customers: customers.written().slice(0, shownCustomers),
      apps: registrations.apps,
    }),
  );
  router.get('/dev/tenant.json', (_request, response) => {
    const document = JSON.stringify({ ...written, customers: customers.written() }, null, 2);
    response.set('Cache-Control', 'no-store').attachment('tenant.json').type('json').send(`${document}\n`);
  });
  router.get('/inbox', (_request, response) => sendPage(response, 'inbox', { mails: inbox.mails }));
  router.get('/inbox.json', (_request, response) => response.set('Cache-Control', 'no-store').json(inbox.mails));
  // The address in the `error_uri` of errors.
  router.get('/error', async (request, response) => {
    const code = Number(request.query.code);
    const title = isAadstsCode(code) ? `AADSTS${code}` : 'Unknown error code';
    const detail = isAadstsCode(code) ? new AadstsError(code, '…').message : 'This tenant has no error with this code.';
    const page = { title, detail, link: errorCodes };
    await sendPage(response, 'error', page, isAadstsCode(code) ? 200 : 404);
  });
  router.get('/livez', (_request, response) => response.type('text').send('ok'));
  router.get('/assets/tenant.css', (_request, response) => response.sendFile(stylesheet));
  return router;
}
