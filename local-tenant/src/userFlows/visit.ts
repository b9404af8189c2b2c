import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import type { InteractionResults } from 'oidc-provider';
import { type AadstsCode, AadstsError, traceRequest } from '../AadstsError.ts';
import { type AnswerFields, addressOf, errorFields, sendAnswer } from '../authorize/authorizationAnswer.ts';
import { words } from '../entraDialect.ts';
import { describeSignInFault } from '../faults/Faults.ts';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { cookiesOf, listAccounts, switchSession } from './accounts.ts';
import { chooseTexts } from './language.ts';
import { sendPage } from './pages.ts';
import type { Progress } from './progress.ts';

/** A request for one of the sign-in pages, between the authorize endpoint and the answer to the app. */
export type Visit = Awaited<ReturnType<typeof findVisit>>;

/** Thrown when the visit has ended or belongs to another browser. */
export class VisitGone extends Error {
  override readonly name = 'VisitGone';
}

/** How a customer proved their identity, as in the session's `amr`. */
export type Factor = 'pwd' | 'otp' | 'fed';

const progressLifetimeSeconds = 3600;

type AnswerVisit = (visit: Visit, next: NextFunction) => unknown;
export type VisitRoutes = ReturnType<typeof visitRoutes>;

/** Routes of a visit's pages; they throw VisitGone when this browser is not on the visit. */
export function visitRoutes(tenant: Tenant, base: string) {
  const router = Router();
  const onVisit =
    (answer: AnswerVisit): RequestHandler =>
    async (request, response, next) => {
      await answer(await findVisit(tenant, request, response), next);
    };
  return {
    tenant,
    base,
    router,
    use: (path: string, answer: AnswerVisit) => void router.use(base + path, onVisit(answer)),
    get: (path: string, answer: AnswerVisit) => void router.get(base + path, onVisit(answer)),
    post: (path: string, answer: AnswerVisit) => void router.post(base + path, onVisit(answer)),
  };
}

/**
 * Finds this browser's visit. The cookie is SameSite=Lax and its path names the visit, so forms on other sites cannot
 * post into it.
 * @throws {VisitGone}
 */
async function findVisit(tenant: Tenant, request: Request, response: Response) {
  const interaction = await tenant.provider.interactionDetails(request, response).catch((error: unknown) => {
    throw new VisitGone('This browser is not on a visit', { cause: error });
  });
  const { uid, params, prompt, session } = interaction;
  if (uid !== request.params.uid) throw new VisitGone('Another tab has its own visit');
  const wanted = [...words(params.ui_locales), ...words(params.mkt), ...request.acceptsLanguages()];
  return {
    tenant,
    request,
    response,
    interaction,
    uid,
    base: `/${tenant.config.tenantId}/interaction/${uid}`,
    app: tenant.registrations.findClient(params.client_id)?.displayName ?? 'the app',
    flow: tenant.registrations.userFlowOf(params.client_id),
    texts: chooseTexts(wanted),
    loginHint: text(params.login_hint) ?? '',
    domainHint: text(params.domain_hint) ?? '',
    prompts: words(params.prompt),
    /** Why a page is needed: one of the request's prompts, or `step_up`. */
    reason: prompt.name,
    contexts: words(params.entra_acrs),
    /** The current session's customer, and how they proved their identity. */
    oid: session?.accountId,
    factors: session?.amr ?? [],
    progress: tenant.progress.get(uid),
    /** The description of the fault that is armed for this sign-in. */
    fault: describeSignInFault(text(params.fault) ?? ''),
  };
}

/** @param status default: 400 if the page names a problem, otherwise 200 */
export function showPage(visit: Visit, name: string, data: Readonly<Record<string, unknown>> = {}, status?: number) {
  const { response, base, app, texts } = visit;
  return sendPage(response, name, { base, app, texts, problem: undefined, ...data }, status);
}

export function goTo({ response, base }: Visit, path: string): void {
  response.redirect(303, base + path);
}

export function saveProgress({ tenant, uid }: Visit, progress: Progress): void {
  tenant.progress.set(uid, progress, progressLifetimeSeconds);
}

/** Signs the customer in, in a session of their own, and sends the browser back to the app. */
export async function completeVisit(visit: Visit, { oid }: Customer, factor: Factor): Promise<void> {
  await useSessionOf(visit, oid);
  await finish(visit, { accountId: oid, amr: [factor] });
}

/** Continues with the customer's session in this browser. @param acr further authentication contexts, if any */
export async function resumeSession(visit: Visit, oid: string, acr?: string): Promise<void> {
  const session = await useSessionOf(visit, oid);
  const { amr = [], acr: granted, loginTs } = session ?? {};
  const contexts = [...new Set([...words(granted), ...words(acr)])].join(' ');
  await finish(visit, {
    accountId: oid,
    amr: acr === undefined ? amr : [...new Set([...amr, 'mfa'])],
    ...(contexts ? { acr: contexts } : {}),
    ...(loginTs === undefined ? {} : { ts: loginTs }),
  });
}

async function finish(
  { tenant, request, response, uid }: Visit,
  login: NonNullable<InteractionResults['login']>,
): Promise<void> {
  tenant.progress.delete(uid);
  // `create` and `select_account` tell oidc-provider that these prompts were answered as well.
  const result = { login: { ...login, remember: false }, create: {}, select_account: {} };
  await tenant.provider.interactionFinished(request, response, result);
}

/** Makes the customer's session in this browser the current one; without one, a new session will start. */
async function useSessionOf({ tenant, request, response, interaction }: Visit, oid: string) {
  if (interaction.session?.accountId === oid) return tenant.provider.Session.findByUid(interaction.session.uid);
  const cookies = cookiesOf(tenant, request, response);
  const session = (await listAccounts(tenant, cookies)).find(({ customer }) => customer.oid === oid)?.session;
  // oidc-provider would end another customer's session with a scripted page. Entra keeps that session.
  switchSession(tenant, cookies, session);
  interaction.session = session && { accountId: oid, uid: session.uid, cookie: session.jti };
  await interaction.persist();
  return session;
}

/** Ends the visit and tells the app what is wrong. */
export async function failVisit(visit: Visit, code: AadstsCode): Promise<void> {
  const { tenant, interaction } = visit;
  const trace = traceRequest(interaction.params['client-request-id'], tenant.clock.now());
  await endVisit(visit, errorFields(new AadstsError(code), trace, tenant.config.baseUrl));
}

export async function endVisit({ tenant, response, interaction }: Visit, answer: AnswerFields): Promise<void> {
  tenant.progress.delete(interaction.uid);
  await interaction.destroy();
  sendAnswer(response, addressOf(interaction.params), answer);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
