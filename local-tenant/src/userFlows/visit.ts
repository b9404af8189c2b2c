import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { type AadstsCode, AadstsError, traceRequest } from '../AadstsError.ts';
import { type AnswerFields, cancelled, errorFields, sendAnswer } from '../authorize/authorizationAnswer.ts';
import { describeSignInFault } from '../faults/Faults.ts';
import type { UserFlow } from '../registrations/document.ts';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { cookiesOf, listAccounts, switchSession } from './accounts.ts';
import { chooseTexts, readTags } from './language.ts';
import type { Progress } from './progress.ts';
import type { Texts } from './texts/english.ts';

/** One customer's way through the sign-in pages, from the authorize endpoint to the answer to the app. */
export interface Visit {
  readonly uid: string;
  /** The path under which the pages of this visit lie. */
  readonly base: string;
  readonly app: string;
  readonly flow: UserFlow | undefined;
  readonly texts: Texts;
  readonly loginHint: string;
  readonly domainHint: string;
  /** The `prompt` of the request. */
  readonly prompts: readonly string[];
  /** Why a page is needed: one of the request's prompts, or `step_up`. */
  readonly reason: string;
  /** The authentication contexts that the app requires. */
  readonly contexts: readonly string[];
  /** The current session's customer, and how they proved their identity. */
  readonly oid: string | undefined;
  readonly factors: readonly string[];
  readonly progress: Progress | undefined;
  /** The description of the fault that is armed for this sign-in. */
  readonly fault: string | undefined;
}

/** Thrown when the visit has ended or belongs to another browser. */
export class VisitGone extends Error {
  override readonly name = 'VisitGone';
}

/** How a customer proved their identity, as in the session's `amr`. */
export type Factor = 'pwd' | 'otp' | 'fed';

const progressLifetimeSeconds = 3600;

type AnswerVisit = (visit: Visit, request: Request, response: Response, next: NextFunction) => unknown;

/** Routes of a visit's pages; they throw VisitGone when this browser is not on the visit. */
export function visitRoutes(tenant: Tenant, base: string) {
  const router = Router();
  return {
    router,
    get: (path: string, answer: AnswerVisit) => void router.get(base + path, onVisit(tenant, answer)),
    post: (path: string, answer: AnswerVisit) => void router.post(base + path, onVisit(tenant, answer)),
  };
}

/** A handler for the pages of a visit. @throws {VisitGone} when there is none */
export function onVisit(tenant: Tenant, answer: AnswerVisit): RequestHandler {
  return async (request, response, next) => {
    await answer(await findVisit(tenant, request, response), request, response, next);
  };
}

/**
 * Finds this browser's visit. The cookie is SameSite=Lax and its path names the visit, so forms on other sites cannot
 * post into it.
 * @throws {VisitGone}
 */
async function findVisit(tenant: Tenant, request: Request, response: Response): Promise<Visit> {
  const { uid, params, prompt, session } = await findInteraction(tenant, request, response);
  const { registrations, config } = tenant;
  const wanted = [...readTags(params.ui_locales), ...readTags(params.mkt), ...request.acceptsLanguages()];
  return {
    uid,
    base: `/${config.tenantId}/interaction/${uid}`,
    app: registrations.findClient(params.client_id)?.displayName ?? 'the app',
    flow: registrations.userFlowOf(params.client_id),
    texts: chooseTexts(wanted),
    loginHint: text(params.login_hint) ?? '',
    domainHint: text(params.domain_hint) ?? '',
    prompts: words(params.prompt),
    reason: prompt.name,
    contexts: words(params.entra_acrs),
    oid: session?.accountId,
    factors: session?.amr ?? [],
    progress: tenant.progress.get(uid),
    fault: describeSignInFault(text(params.fault) ?? ''),
  };
}

export function saveProgress(tenant: Tenant, { uid }: Visit, progress: Progress): void {
  tenant.progress.set(uid, progress, progressLifetimeSeconds);
}

/** Signs the customer in, in a session of their own, and sends the browser back to the app. */
export async function completeVisit(
  tenant: Tenant,
  request: Request,
  response: Response,
  { oid }: Customer,
  factor: Factor,
): Promise<void> {
  await useSessionOf(tenant, request, response, oid);
  await finish(tenant, request, response, { accountId: oid, amr: [factor] });
}

/** Continues with the customer's session in this browser. @param acr further authentication contexts, if any */
export async function resumeSession(tenant: Tenant, request: Request, response: Response, oid: string, acr?: string) {
  const session = await useSessionOf(tenant, request, response, oid);
  const { amr = [], acr: granted, loginTs } = session ?? {};
  const contexts = [...new Set([...words(granted), ...words(acr)])].join(' ');
  await finish(tenant, request, response, {
    accountId: oid,
    amr: acr === undefined ? amr : [...new Set([...amr, 'mfa'])],
    ...(contexts ? { acr: contexts } : {}),
    ...(loginTs === undefined ? {} : { ts: loginTs }),
  });
}

interface Login {
  readonly accountId: string;
  readonly amr: string[];
  readonly acr?: string;
  /** When the customer gave credentials: seconds since 1970; default: now. */
  readonly ts?: number;
}

async function finish(tenant: Tenant, request: Request, response: Response, login: Login): Promise<void> {
  tenant.progress.delete(String(request.params.uid));
  // `create` and `select_account` tell oidc-provider that these prompts were answered as well.
  const result = { login: { ...login, remember: false }, create: {}, select_account: {} };
  await tenant.provider.interactionFinished(request, response, result);
}

/** Makes the customer's session in this browser the current one; without one, a new session will start. */
async function useSessionOf(tenant: Tenant, request: Request, response: Response, oid: string) {
  const interaction = await findInteraction(tenant, request, response);
  if (interaction.session?.accountId === oid) return tenant.provider.Session.findByUid(interaction.session.uid);
  const cookies = cookiesOf(tenant, request, response);
  const session = (await listAccounts(tenant, cookies)).find(({ customer }) => customer.oid === oid)?.session;
  // oidc-provider would end another customer's session with a scripted page. Entra keeps that session.
  switchSession(tenant, cookies, session);
  interaction.session = session && { accountId: oid, uid: session.uid, cookie: session.jti };
  await interaction.persist();
  return session;
}

/** Ends the visit and tells the app that the customer pressed Cancel. */
export async function cancelVisit(tenant: Tenant, request: Request, response: Response): Promise<void> {
  await endVisit(tenant, request, response, () => cancelled);
}

/** Ends the visit and tells the app what is wrong. */
export async function failVisit(tenant: Tenant, request: Request, response: Response, code: AadstsCode) {
  await endVisit(tenant, request, response, (requestId) => {
    const trace = traceRequest(requestId, tenant.clock.now());
    return errorFields(new AadstsError(code), trace, tenant.config.baseUrl);
  });
}

async function endVisit(
  tenant: Tenant,
  request: Request,
  response: Response,
  answer: (clientRequestId: unknown) => AnswerFields,
): Promise<void> {
  const interaction = await findInteraction(tenant, request, response);
  const { redirect_uri, response_mode, state } = interaction.params;
  tenant.progress.delete(interaction.uid);
  await interaction.destroy();
  const address = { redirectUri: text(redirect_uri) ?? '', responseMode: text(response_mode), state: text(state) };
  sendAnswer(response, address, answer(interaction.params['client-request-id']));
}

async function findInteraction({ provider }: Tenant, request: Request, response: Response) {
  const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
    throw new VisitGone('This browser is not on a visit', { cause: error });
  });
  if (interaction.uid !== request.params.uid) throw new VisitGone('Another tab has its own visit');
  return interaction;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function words(value: unknown): string[] {
  return text(value)?.split(' ').filter(Boolean) ?? [];
}
