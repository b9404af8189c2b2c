import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type AadstsCode, AadstsError, traceRequest } from '../AadstsError.ts';
import type { TenantConfig } from '../config.ts';
import { issuerOf, sessionGuid } from '../entraDialect.ts';
import { type AuthorizationFault, authorizationFaults } from '../faults/authorizationFaults.ts';
import type { Tenant } from '../state/tenant.ts';
import { clientInfo } from '../token/claims.ts';
import { rememberSession } from '../userFlows/accounts.ts';
import { type AnswerFields, addressOf, answerApp, errorFields } from './authorizationAnswer.ts';

/**
 * Replaces oidc-provider's answers to apps by Entra's: with `session_state` and `client_info`, without `iss`, with
 * Entra's error texts, and with a page for `form_post` that works without scripts.
 */
export function answerLikeEntra(provider: Provider, { config, faults }: Pick<Tenant, 'config' | 'faults'>): void {
  const answers = new WeakMap<object, () => void>();
  provider.on('authorization.error', (ctx, error) => {
    // oidc-provider shows its own page, or the visit has ended and has no parameters: there is no app to answer.
    const isShownHere = 'allow_redirect' in error && error.allow_redirect === false;
    const canAnswer = !isShownHere && typeof ctx.oidc.params?.redirect_uri === 'string';
    if (canAnswer) answers.set(ctx, () => send(ctx, failure(ctx, error, config)));
  });
  // Also when a further page comes first: by then the customer is signed in.
  provider.on('interaction.started', ({ oidc: { session, cookies } }) => {
    if (session?.accountId) rememberSession(provider, cookies, session.uid);
  });
  provider.on('authorization.success', (ctx, { code } = {}) => {
    const { session, cookies, params } = ctx.oidc;
    if (session) rememberSession(provider, cookies, session.uid);
    const fields = {
      code: String(code),
      ...(session ? { session_state: sessionGuid(session.uid) } : {}),
      ...(session?.accountId && params?.client_info === '1'
        ? { client_info: clientInfo(session.accountId, config.tenantId) }
        : {}),
    };
    answers.set(ctx, () => {
      const fault = faults.take<AuthorizationFault>(authorizationFaults, fields.code);
      send(ctx, fields, (answer) => fault?.(answer, issuerOf(config)));
    });
  });
  provider.use(async (ctx, next) => {
    await next();
    answers.get(ctx)?.();
  });
}

/** Why `prompt=none` failed, by oidc-provider's name for the error. */
const silentProblems: Readonly<Record<string, AadstsCode>> = {
  login_required: 50058,
  account_selection_required: 16000,
  interaction_required: 50076,
};

function failure({ oidc }: KoaContextWithOIDC, { message }: Error, { baseUrl }: TenantConfig): AnswerFields {
  const error = new AadstsError(silentProblems[message] ?? 9002313);
  return errorFields(error, traceRequest(oidc.params?.['client-request-id'], new Date()), baseUrl);
}

function send(ctx: KoaContextWithOIDC, fields: AnswerFields, change?: (answer: URLSearchParams) => void): void {
  const { status, headers, body } = answerApp(addressOf(ctx.oidc.params ?? {}), fields, change);
  ctx.remove('Location');
  ctx.set(headers);
  ctx.status = status;
  ctx.body = body;
}
