import { type RequestHandler, Router } from 'express';
import { AadstsError, errorBody, traceRequest } from './AadstsError.ts';
import { sendErrorPage } from './authorize/authorizeEndpoint.ts';
import { devicePaths, endpointPaths } from './entraDialect.ts';
import type { Tenant } from './state/tenant.ts';

/**
 * Answers requests to the protocol's endpoints with a method that they do not take, programs in JSON, browsers with a
 * page.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes AADSTS900561
 */
export function wrongMethods(tenant: Tenant): Router {
  const router = Router();
  const paths = endpointPaths(tenant.config);
  router.all([paths.metadata, paths.keys], refuse(tenant, 'GET'));
  router.all([paths.token, paths.deviceCode], refuse(tenant, 'POST'));
  router.all([paths.authorize, paths.logout, devicePaths(tenant.config).page], refuse(tenant, 'GET, POST'));
  return router;
}

function refuse({ config, clock }: Tenant, allowed: string): RequestHandler {
  return async (request, response) => {
    const verbs = `only accepts ${allowed} requests. Received a ${request.method} request`;
    const error = new AadstsError(900561, verbs);
    const trace = traceRequest(request.get('client-request-id'), clock.now());
    response.locals.refused = error.message;
    response.status(405).set('Allow', allowed);
    if (request.accepts(['json', 'html']) !== 'html')
      return void response.json(errorBody(error, trace, config.baseUrl));
    await sendErrorPage(response, error, trace, 405);
  };
}
