import { randomUUID } from 'node:crypto';
import { type ErrorRequestHandler, type Request, type Response, Router, urlencoded } from 'express';
import { AadstsError, errorBody } from '../AadstsError.ts';
import { traceOf } from '../authorize/authorizeEndpoint.ts';
import { endpointPaths } from '../entraDialect.ts';
import type { BadAnswer, FlawedAnswer } from '../faults/badAnswers.ts';
import { devicePollFaults } from '../faults/deviceFaults.ts';
import { notYetFaults, type Refusal } from '../faults/graphFaults.ts';
import { tokenAnswerFaults } from '../faults/tokenAnswerFaults.ts';
import { tokenFaults } from '../faults/tokenFaults.ts';
import { errorFields } from '../runtime/logger.ts';
import type { Tenant } from '../state/tenant.ts';
import { authenticateClient, type Form, required } from './clientAuthentication.ts';
import { grants } from './grantTypes.ts';

/**
 * Where apps exchange codes, refresh tokens and their own credentials for tokens. oidc-provider's endpoint is not
 * used: Entra's differs in its scopes, errors and answers, and in what it leaves usable (codes after a wrong
 * verifier, refresh tokens after use).
 */
export function tokenEndpoint(tenant: Tenant): Router {
  const router = Router();
  const path = endpointPaths(tenant.config).token;
  router.post(
    path,
    urlencoded({ extended: false, limit: '64kb' }),
    async (request, response, next) => {
      const fault = takeFault(tenant, Object(request.body));
      if (fault) await fault(response);
      else next();
    },
    async (request, response) => {
      response.set({ 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache', 'x-ms-request-id': randomUUID() });
      const form = readForm(request);
      const grantType = required(form, 'grant_type');
      const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
      if (!grant) throw new AadstsError(70003, grantType);
      if (form.resource !== undefined) throw new AadstsError(901002);
      const refusal = tenant.faults.take<Refusal>(notYetFaults);
      if (refusal) throw refusal(form.client_id ?? '');
      const client = await authenticateClient(tenant, request, form);
      const answer = await grant(tenant, client, form);
      const flaw = tenant.faults.take<FlawedAnswer>(tokenAnswerFaults, form.code);
      if (flaw) flaw(response, answer);
      else response.json(answer);
      tenant.tokenAnswers.set(grantType, (tenant.tokenAnswers.get(grantType) ?? 0) + 1);
    },
  );
  router.use(path, answerError(tenant));
  return router;
}

function takeFault({ faults }: Tenant, { grant_type, code }: Readonly<Record<string, unknown>>): BadAnswer | undefined {
  const isPoll = String(grant_type).endsWith('device_code');
  const ofPoll = isPoll ? faults.take<BadAnswer>(devicePollFaults) : undefined;
  return ofPoll ?? faults.take<BadAnswer>(tokenFaults, String(code));
}

/** @throws {AadstsError} 9002313 */
export function readForm({ body }: Request): Form {
  const entries = Object.entries<unknown>(body ?? {});
  const form: Record<string, string> = {};
  for (const [name, value] of entries) {
    // A repeated parameter arrives as a list. @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
    if (typeof value !== 'string') throw new AadstsError(9002313);
    form[name] = value;
  }
  return form;
}

export function answerError(tenant: Tenant): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const shown = toAadsts(error);
    if (shown.status >= 500) tenant.log.error('Token endpoint failed', errorFields(error));
    response.status(shown.status).set({ 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' });
    sendErrorJson(tenant, request, response, shown);
  };
}

/** Sends the JSON of an error. @param changes fields in place of the usual ones */
export function sendErrorJson(tenant: Tenant, request: Request, response: Response, error: AadstsError, changes = {}) {
  // 70016 refuses nothing: a waiting device gets it every few seconds.
  if (error.code !== 70016) response.locals.refused = error.message;
  const trace = traceOf(tenant, request);
  response
    .set('x-ms-request-id', trace.traceId)
    .json({ ...errorBody(error, trace, tenant.config.baseUrl), ...changes });
}

function toAadsts(error: unknown): AadstsError {
  if (error instanceof AadstsError) return error;
  // The body parser's errors (too large, unreadable) have a 4xx status.
  const isClientError = error instanceof Error && 'status' in error && Number(error.status) < 500;
  return new AadstsError(isClientError ? 9002313 : 90033);
}
