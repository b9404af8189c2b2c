import { type Request, type RequestHandler, type Response, Router, urlencoded } from 'express';
import { startVisit } from '../authorize/authorizeEndpoint.ts';
import { grantedContexts } from '../authorize/stepUp.ts';
import { devicePaths, deviceRedirectUri, sessionGuid, words } from '../entraDialect.ts';
import type { Tenant } from '../state/tenant.ts';
import type { DeviceRequest } from '../token/DeviceCodes.ts';
import { chooseTexts } from './language.ts';
import { sendPage } from './pages.ts';
import type { Texts } from './texts/english.ts';

/**
 * The pages on which a customer signs a device in: the code, the name of the app, its user flow, the result.
 * Only the button of the second page starts the sign-in, so that a link cannot sign a stranger's device in.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#authenticating-the-user
 */
export function devicePages(tenant: Tenant): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  const { page, start, decline, done } = devicePaths(tenant.config);
  // Entra serves the page of every tenant under `common`.
  const pages = [page, '/common/oauth2/deviceauth'];
  const ownFormsOnly: RequestHandler = (request, response, next) => {
    const site = request.get('sec-fetch-site') ?? 'same-origin';
    if (site === 'same-origin') return next();
    return askCode(tenant, wantedTexts(request), response, '');
  };
  const onCode = (answer: (visit: DeviceVisit) => unknown) => async (request: Request, response: Response) => {
    const texts = wantedTexts(request);
    const userCode = String(request.body?.user_code ?? '');
    const device = tenant.deviceCodes.findOpen(userCode);
    if (!device) return askCode(tenant, texts, response, userCode);
    await answer({ tenant, device, texts, request, response });
  };
  router.get(pages, (request, response) => askCode(tenant, wantedTexts(request), response));
  // Over https the session's cookie comes with other sites' forms too; theirs must not sign a stranger's device in.
  router.post([...pages, start, decline], ownFormsOnly);
  router.post(pages, form, onCode(askConfirmation));
  router.post(start, form, onCode(signIn));
  router.post(decline, form, onCode(endDeclined));
  router.get(done, (request, response) => finish(tenant, request, response));
  return router;
}

interface DeviceVisit {
  readonly tenant: Tenant;
  readonly device: DeviceRequest;
  readonly texts: Texts;
  readonly request: Request;
  readonly response: Response;
}

function wantedTexts(request: Request): Texts {
  const { ui_locales, mkt } = request.query;
  return chooseTexts([...words(ui_locales), ...words(mkt), ...request.acceptsLanguages()]);
}

/** Every form leads to a page in the same language. */
function inLanguage(path: string, { language }: Texts): string {
  return `${path}?ui_locales=${language}`;
}

/** @param refusedCode what the customer typed, if it is not valid */
async function askCode({ config }: Tenant, texts: Texts, response: Response, refusedCode?: string): Promise<void> {
  const isRefused = refusedCode !== undefined;
  const page = {
    texts,
    action: inLanguage(devicePaths(config).page, texts),
    userCode: refusedCode ?? '',
    problem: isRefused ? texts.deviceCodeProblem : undefined,
  };
  await sendPage(response, 'device-code', page, isRefused ? 400 : 200);
}

async function askConfirmation({ tenant, device, texts, response }: DeviceVisit): Promise<void> {
  const { start, decline } = devicePaths(tenant.config);
  await sendPage(response, 'device-confirm', {
    texts,
    app: appName(tenant, device.clientId),
    userCode: device.userCode,
    start: inLanguage(start, texts),
    decline: inLanguage(decline, texts),
  });
}

async function signIn({ tenant, device, texts: { language }, request, response }: DeviceVisit): Promise<void> {
  const authorization = new URLSearchParams({
    client_id: device.clientId,
    redirect_uri: deviceRedirectUri(tenant.config),
    response_type: 'code',
    scope: 'openid',
    entra_scope: device.scope,
    state: `${device.userCode} ${language}`,
    ui_locales: language,
  });
  await startVisit(tenant, request, response, authorization);
}

/** Handles the customer's return from the user flow, with a code such as an app would get. */
async function finish(tenant: Tenant, request: Request, response: Response): Promise<void> {
  const { code = '', state = '', error } = request.query;
  const [userCode = '', ...languages] = words(state);
  const texts = chooseTexts([...languages, ...request.acceptsLanguages()]);
  const device = tenant.deviceCodes.findOpen(userCode);
  if (device && error !== undefined) return endDeclined({ tenant, device, texts, request, response });
  const value = String(code);
  const found = await tenant.provider.AuthorizationCode.find(value);
  const isOurs = found?.redirectUri === deviceRedirectUri(tenant.config) && !tenant.redeemedCodes.get(value);
  if (!device || !found?.accountId || !isOurs || found.clientId !== device.clientId) {
    return askCode(tenant, texts, response, '');
  }
  tenant.redeemedCodes.set(value, true, 86_400);
  const { accountId: oid, sessionUid = value } = found;
  const authTime = tenant.clock.fromMachine(found.authTime);
  const acrs = grantedContexts(found);
  tenant.deviceCodes.decide(device, { kind: 'signed-in', oid, authTime, acrs, sid: sessionGuid(sessionUid) });
  const app = appName(tenant, device.clientId);
  tenant.log.info('Device signed in', { app, code: device.userCode });
  const detail = texts.deviceSignedInDetail(app);
  await sendPage(response, 'device-done', { texts, title: texts.deviceSignedIn, detail });
}

async function endDeclined({ tenant, device, texts, response }: DeviceVisit): Promise<void> {
  tenant.deviceCodes.decide(device, { kind: 'declined' });
  const app = appName(tenant, device.clientId);
  tenant.log.info('Device declined', { app, code: device.userCode });
  const detail = texts.deviceDeclinedDetail(app);
  await sendPage(response, 'device-done', { texts, title: texts.deviceDeclined, detail });
}

function appName({ registrations }: Tenant, clientId: string): string {
  return registrations.findClient(clientId)?.displayName ?? 'the app';
}
