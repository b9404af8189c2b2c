import { type Request, type Response, Router } from 'express';
import { AadstsError, describeError, type RequestTrace, traceRequest } from '../AadstsError.ts';
import { endpointPaths } from '../entraDialect.ts';
import type { Tenant } from '../state/tenant.ts';
import { sendPage } from '../userFlows/pages.ts';
import { errorFields, sendAnswer } from './authorizationAnswer.ts';
import { checkRequest, findAsker } from './authorizationRequest.ts';

/**
 * Where browsers arrive from apps. Problems with the app or its redirect URI are shown here and never redirected. Other
 * errors go back to the app. Valid requests go on to oidc-provider.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
 */
export function authorizeEndpoint(tenant: Tenant): Router {
  const router = Router();
  const path = endpointPaths(tenant.config).authorize;
  router.get(path, async (request, response) => {
    const asked = new URL(request.originalUrl, tenant.config.baseUrl).searchParams;
    const trace = traceOf(tenant, request);
    const asker = attempt(() => findAsker(tenant.registrations, asked));
    if (asker instanceof AadstsError) return sendErrorPage(response, asker, trace);
    const authorization = attempt(() => checkRequest(tenant.registrations, asked, asker));
    if (authorization instanceof URLSearchParams) return startVisit(tenant, request, response, authorization);
    // Only an administrator can help, so Entra shows a page, except with prompt=none.
    const isSilent = asked.get('prompt') === 'none';
    if (authorization.code === 65001 && !isSilent) return sendErrorPage(response, authorization, trace);
    const fields = errorFields(authorization, trace, tenant.config.baseUrl);
    const error = authorization.code === 65001 ? 'interaction_required' : fields.error;
    return sendAnswer(response, asker.address, { ...fields, ...(error === undefined ? {} : { error }) });
  });
  router.get(`${path}/:uid`, tenant.provider.callback());
  return router;
}

/** Passes a request to oidc-provider, which answers it or first shows the pages of a user flow. */
export async function startVisit(
  { provider, config }: Tenant,
  request: Request,
  response: Response,
  authorization: URLSearchParams,
): Promise<void> {
  request.method = 'GET';
  request.url = `${endpointPaths(config).authorize}?${authorization}`;
  request.originalUrl = request.url;
  await provider.callback()(request, response);
}

export function traceOf({ clock }: Tenant, { query, body, headers }: Request): RequestTrace {
  const name = 'client-request-id';
  return traceRequest(query[name] ?? body?.[name] ?? headers[name], clock.now());
}

function attempt<Value>(read: () => Value): Value | AadstsError {
  try {
    return read();
  } catch (error) {
    if (error instanceof AadstsError) return error;
    throw error;
  }
}

/** The page for an error that is not sent to an app. The status is 200, as in Entra. @see https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-aadsts50011-redirect-uri-mismatch */
export async function sendErrorPage(
  response: Response,
  error: AadstsError,
  trace: RequestTrace,
  status = 200,
): Promise<void> {
  response.locals.refused = error.message;
  const shown = { title: 'Sign in to your account', detail: "Sorry, but we're having trouble signing you in." };
  await sendPage(response, 'error', { ...shown, code: describeError(error, trace) }, status);
}
