import { type Request, type Response, Router, urlencoded } from 'express';
import { startVisit } from '../authorizeEndpoint.ts';
import type { DeviceRequest } from '../DeviceCodes.ts';
import { devicePaths, deviceRedirectUri, sessionGuid } from '../entraDialect.ts';
import type { Tenant } from '../tenant.ts';
import { sendPage } from './pages.ts';

const unknownCode = 'This code is not right, or no longer good. Check it on your device, or start again there.';

/**
 * Where a customer lets a device in: the code, which app asks, the sign-in of that app's user flow, the end.
 * Nothing but the button of the second page starts the sign-in, so that a link cannot let a stranger's device in.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#authenticating-the-user
 */
export function devicePages(tenant: Tenant): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  const { page, start, decline, done } = devicePaths(tenant.config);
  // Entra has the page for every tenant under `common`.
  const pages = [page, '/common/oauth2/deviceauth'];
  const onCode =
    (answer: (device: DeviceRequest, request: Request, response: Response) => unknown) =>
    async (request: Request, response: Response) => {
      const userCode = String(request.body?.user_code ?? '');
      const device = tenant.deviceCodes.findOpen(userCode);
      if (device) return void (await answer(device, request, response));
      await sendPage(response, 'device-code', { action: page, userCode, problem: unknownCode }, 400);
    };
  router.get(pages, (_request, response) =>
    sendPage(response, 'device-code', { action: page, userCode: '', problem: undefined }),
  );
  router.post(
    pages,
    form,
    onCode(({ userCode, clientId }, _request, response) =>
      sendPage(response, 'device-confirm', { app: appName(tenant, clientId), userCode, start, decline }),
    ),
  );
  router.post(
    start,
    form,
    onCode((device, request, response) => signIn(tenant, device, request, response)),
  );
  router.post(
    decline,
    form,
    onCode((device, _request, response) => endDeclined(tenant, device, response)),
  );
  router.get(done, (request, response) => finish(tenant, request, response));
  return router;
}

async function signIn(tenant: Tenant, device: DeviceRequest, request: Request, response: Response): Promise<void> {
  const authorization = new URLSearchParams({
    client_id: device.clientId,
    redirect_uri: deviceRedirectUri(tenant.config),
    response_type: 'code',
    scope: 'openid',
    entra_scope: device.scope,
    state: device.userCode,
  });
  await startVisit(tenant, request, response, authorization);
}

/** The customer comes back from the user flow, with a code as an app would get one. */
async function finish(tenant: Tenant, request: Request, response: Response): Promise<void> {
  const { code = '', state = '', error } = request.query;
  const device = tenant.deviceCodes.findOpen(String(state));
  if (device && error !== undefined) return endDeclined(tenant, device, response);
  const value = String(code);
  const found = await tenant.provider.AuthorizationCode.find(value);
  const isOurs = found?.redirectUri === deviceRedirectUri(tenant.config) && !tenant.redeemedCodes.get(value);
  if (!device || !found?.accountId || !isOurs || found.clientId !== device.clientId) {
    return sendPage(
      response,
      'device-code',
      {
        action: devicePaths(tenant.config).page,
        userCode: '',
        problem: unknownCode,
      },
      400,
    );
  }
  tenant.redeemedCodes.set(value, true, 86_400);
  const { accountId: oid, authTime, sessionUid = value } = found;
  tenant.deviceCodes.decide(device, { kind: 'signed-in', oid, authTime, sid: sessionGuid(sessionUid) });
  const app = appName(tenant, device.clientId);
  tenant.log.info('A device was let in', { app, code: device.userCode });
  await sendPage(response, 'device-done', {
    title: 'You are signed in',
    detail: `You have signed in to ${app} on your device. You may close this page.`,
  });
}

async function endDeclined(tenant: Tenant, device: DeviceRequest, response: Response): Promise<void> {
  tenant.deviceCodes.decide(device, { kind: 'declined' });
  const app = appName(tenant, device.clientId);
  tenant.log.info('A device was declined', { app, code: device.userCode });
  await sendPage(response, 'device-done', {
    title: 'You have not signed in',
    detail: `${app} was not let in on your device. You may close this page.`,
  });
}

function appName({ registrations }: Tenant, clientId: string): string {
  return registrations.findClient(clientId)?.displayName ?? 'the app';
}
