import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { authorizeEndpoint } from './authorize/authorizeEndpoint.ts';
import { faultySignIns, postedAuthorization } from './authorize/faultySignIns.ts';
import { crossOrigin } from './crossOrigin.ts';
import { devControl } from './devControl.ts';
import { logEvents } from './events.ts';
import { createGraphRouter } from './graph/createGraphRouter.ts';
import { metadataEndpoints } from './metadataEndpoints.ts';
import { ownHostsOnly } from './ownHosts.ts';
import { ownPages } from './ownPages.ts';
import { errorFields, type Logger } from './runtime/logger.ts';
import { logoutEndpoint } from './sign-out/logoutEndpoint.ts';
import type { Tenant } from './state/tenant.ts';
import { domainAsGuid, unknownTenants, wrongMethods } from './tenantPaths.ts';
import { deviceCodeEndpoint } from './token/deviceCodeEndpoint.ts';
import { tokenEndpoint } from './token/tokenEndpoint.ts';
import { devicePages } from './userFlows/devicePages.ts';
import { sendPage, signInOver } from './userFlows/pages.ts';
import { userFlowPages } from './userFlows/userFlowPages.ts';
import { VisitGone } from './userFlows/visit.ts';

export function createApp(tenant: Tenant): Express {
  const { config, log } = tenant;
  const visitBase = `/${config.tenantId}/interaction/:uid`;
  const app = express().disable('x-powered-by');
  app.locals.tenantName = tenant.registrations.displayName;
  app.use(logEvents(tenant));
  app.use(ownHostsOnly(config));
  if (config.baseUrl.startsWith('https:')) app.use(behindTls);
  app.use(domainAsGuid(tenant));
  app.use(crossOrigin(tenant));
  app.use(metadataEndpoints(tenant));
  app.use(postedAuthorization(tenant));
  app.use(faultySignIns(tenant));
  app.use(authorizeEndpoint(tenant));
  app.use(tokenEndpoint(tenant));
  app.use(deviceCodeEndpoint(tenant));
  app.use(devicePages(tenant));
  app.use(logoutEndpoint(tenant));
  app.use(userFlowPages(tenant, visitBase));
  app.use(createGraphRouter(tenant));
  app.use(devControl(tenant));
  app.use(ownPages(tenant));
  app.use(wrongMethods(tenant));
  app.use(unknownTenants(tenant));
  app.use((_request, response) =>
    sendPage(response, 'error', { title: 'Not found', detail: 'There is no page at this address.' }, 404),
  );
  app.use(showError(log));
  return app;
}

/** Not every proxy sends this header, which oidc-provider needs for https links and secure cookies. */
const behindTls: RequestHandler = (request, _response, next) => {
  request.headers['x-forwarded-proto'] = 'https';
  next();
};

function showError(log: Logger): ErrorRequestHandler {
  return async (error: unknown, _request, response, _next) => {
    if (error instanceof VisitGone) return sendPage(response, 'error', signInOver, 400);
    // The body parser's errors (too large, unreadable) have a 4xx status.
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
    if (status >= 500) log.error('Request failed', errorFields(error));
    const detail = status < 500 ? 'The request could not be read.' : 'Try again. The log has the details.';
    await sendPage(response, 'error', { title: 'Something went wrong', detail }, status);
  };
}
