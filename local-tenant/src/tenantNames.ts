import { type Request, type RequestHandler, Router } from 'express';
import { AadstsError, errorBody, traceRequest } from './AadstsError.ts';
import { sendErrorPage } from './authorize/authorizeEndpoint.ts';
import type { Tenant } from './state/tenant.ts';

/** Paths may begin with the tenant's domain in place of its GUID; metadata and answers name the GUID all the same. */
export function domainAsGuid({ config }: Pick<Tenant, 'config'>): RequestHandler {
  const domain = `/${config.subdomain}.onmicrosoft.com/`;
  return (request, _response, next) => {
    if (request.url.slice(0, domain.length).toLowerCase() === domain) {
      request.url = `/${config.tenantId}/${request.url.slice(domain.length)}`;
    }
    next();
  };
}

/**
 * Answers for tenants that do not exist here, `common` and `organizations` among them, on the paths of those that do.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes AADSTS90002
 */
export function unknownTenants({ config, clock }: Tenant): Router {
  const router = Router();
  const refusal = (request: Request) => ({
    error: new AadstsError(90002, String(request.params.name)),
    trace: traceRequest(request.query['client-request-id'], clock.now()),
  });
  const answerJson =
    (changes: object): RequestHandler =>
    (request, response) => {
      const { error, trace } = refusal(request);
      response.locals.refused = error.message;
      response.status(error.status).json({ ...errorBody(error, trace, config.baseUrl), ...changes });
    };
  router.all(['/:name/oauth2/v2.0/authorize', '/:name/oauth2/v2.0/logout'], (request, response) => {
    const { error, trace } = refusal(request);
    return sendErrorPage(response, error, trace);
  });
  router.all(['/:name/oauth2/v2.0/token', '/:name/oauth2/v2.0/devicecode'], answerJson({}));
  router.all(
    ['/:name/v2.0/.well-known/openid-configuration', '/:name/discovery/v2.0/keys'],
    answerJson({ error: 'invalid_tenant' }),
  );
  return router;
}
