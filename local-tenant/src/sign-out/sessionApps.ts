import type { KoaContextWithOIDC } from 'oidc-provider';
import { issuerOf, sessionGuid } from '../entraDialect.ts';
import type { Tenant } from '../state/tenant.ts';
import type { Session } from '../userFlows/accounts.ts';

/** Keeps in a session where one of its apps was reached last; oidc-provider stores it with the app's other details. */
export function rememberApp(session: KoaContextWithOIDC['oidc']['session'], clientId: string, redirectUri: unknown) {
  // Of a session without apps, authorizationFor gives an object that belongs to nothing.
  session?.ensureClientContainer(clientId);
  if (session) Object.assign(session.authorizationFor(clientId), { redirectUri });
}

/**
 * Where the apps of a session want to hear of its end.
 * @see https://openid.net/specs/openid-connect-frontchannel-1_0.html
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#single-sign-out
 */
export function frontChannelUrls({ registrations, config }: Tenant, session: Session): string[] {
  return Object.entries(session.authorizations ?? {}).flatMap(([clientId, authorization]) => {
    const logoutUrl = registrations.findClient(clientId)?.logoutUrl;
    if (logoutUrl === undefined) return [];
    const url = atPortOf('redirectUri' in authorization ? String(authorization.redirectUri) : '', new URL(logoutUrl));
    url.searchParams.set('iss', issuerOf(config));
    url.searchParams.set('sid', sessionGuid(session.uid));
    return [url.href];
  });
}

/** On http://localhost the port of a redirect URI does not count, so that the app is where it was reached. */
function atPortOf(redirectUri: string, url: URL): URL {
  const isLocal = url.protocol === 'http:' && url.hostname === 'localhost';
  if (isLocal && /^http:\/\/localhost\b/i.test(redirectUri)) url.port = new URL(redirectUri).port;
  return url;
}
