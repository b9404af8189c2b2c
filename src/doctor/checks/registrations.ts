import type { TenantMetadata } from '../../entra/MetadataSource.ts';
import { HttpClientError } from '../../runtime/httpClient.ts';
import { aadstsIn, refusal } from '../aadsts.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, ok, unchecked } from '../finding.ts';

interface App {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly todoApiClientId: string;
}

/** "Nobody is signed in": the tenant's answer to a silent sign-in with nothing else wrong. */
const nobodySignedIn = 50058;

/** Whether the tenant accepts the web app's redirect URIs and scopes. */
export async function checkWebRegistration(context: CheckContext, metadata: TenantMetadata): Promise<Finding[]> {
  const { web, http } = context;
  if (!web) return [];
  const at = (path: string) => ({ ...web, redirectUri: `${web.baseUrl}${path}` });
  const [redirect, afterSignOut, permissions] = await Promise.all([
    checkRedirectUri('redirect URI', at('/auth/redirect'), metadata, http),
    // After sign-out, Entra redirects only to registered redirect URIs.
    checkRedirectUri('post-logout redirect URI', at('/auth/signed-out'), metadata, http),
    checkPermissions('permissions', at('/auth/redirect'), metadata, context),
  ]);
  return [redirect, afterSignOut, permissions];
}

/** The same for the headless app, and whether it is a public client. */
export async function checkHeadlessRegistration(context: CheckContext, metadata: TenantMetadata): Promise<Finding[]> {
  const { headless, http } = context;
  if (!headless) return [];
  const app = { ...headless, redirectUri: 'http://localhost' };
  return await Promise.all([
    checkRedirectUri('headless redirect URI', app, metadata, http),
    checkPermissions('headless permissions', app, metadata, context),
    checkPublicClient(headless.clientId, metadata, http),
  ]);
}

async function checkRedirectUri(
  name: string,
  app: App,
  metadata: TenantMetadata,
  http: CheckContext['http'],
): Promise<Finding> {
  const code = await askSilently(app, 'openid', metadata, http);
  // The tenant checks consent after the redirect URI, so 65001 means that the URI is registered.
  const isRegistered = code === nobodySignedIn || code === 65001;
  return isRegistered ? ok(name, `${app.redirectUri} is registered`) : refusal(name, code, app.redirectUri, unchecked);
}

async function checkPermissions(
  name: string,
  app: App,
  metadata: TenantMetadata,
  { http, web, headless }: CheckContext,
): Promise<Finding> {
  const scopes = ['ToDoList.Read', 'ToDoList.ReadWrite'].map((scope) => `api://${app.todoApiClientId}/${scope}`);
  const code = await askSilently(app, ['openid', 'offline_access', ...scopes].join(' '), metadata, http);
  if (code === 50011) return unchecked(name, 'register the redirect URI first');
  if (code !== nobodySignedIn) return refusal(name, code, scopes.join(' '), unchecked);
  // Entra checks consent only after the customer's sign-in; the local tenant checks it at once.
  const isLocal = Boolean((web ?? headless)?.tenant.metadataUrl);
  if (isLocal) return ok(name, 'the scopes exist, and an administrator consented');
  return unchecked(name, 'Entra shows scopes and consent to administrators only', 'npm run doctor -- --administrator');
}

/**
 * Starts a silent sign-in. With `form_post`, the answer is a page and not a redirect.
 * @returns the AADSTS code of the tenant's answer
 */
async function askSilently(
  { clientId, redirectUri }: App,
  scope: string,
  { authorizationEndpoint }: TenantMetadata,
  http: CheckContext['http'],
): Promise<number | undefined> {
  const url = new URL(authorizationEndpoint);
  const asked = { client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope };
  url.search = new URLSearchParams({ ...asked, response_mode: 'form_post', prompt: 'none' }).toString();
  return await codeOf(http.request({ method: 'GET', url: url.href }));
}

/**
 * Asks for a token with an invalid device code: the tenant's error shows whether it accepts device codes from the app.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#authenticating-the-user
 */
async function checkPublicClient(
  clientId: string,
  { tokenEndpoint }: TenantMetadata,
  http: CheckContext['http'],
): Promise<Finding> {
  const name = 'headless public client';
  const body = new URLSearchParams({ client_id: clientId, grant_type: 'device_code', device_code: 'doctor' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const code = await codeOf(http.request({ method: 'POST', url: tokenEndpoint, headers, body: body.toString() }));
  // Entra's answer to an invalid code is not documented, so only errors about the app count.
  return code === 70018 ? ok(name, 'can use device codes') : refusal(name, code, 'HEADLESS_CLIENT_ID', unchecked);
}

async function codeOf(answer: Promise<{ readonly body: string }>): Promise<number | undefined> {
  try {
    return aadstsIn((await answer).body);
  } catch (error) {
    if (error instanceof HttpClientError) return undefined;
    throw error;
  }
}
