import { AadstsError } from '../AadstsError.ts';
import type { AppRegistration } from '../registrations/document.ts';
import { type Platform, platformOf } from '../registrations/redirectUri.ts';
import type { Tenant } from '../state/tenant.ts';

/**
 * The platform that a token request belongs to: that of the redirect URI where the sign-in ended. Flows without one
 * depend on whether the app is a public client.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redirect-uris-for-single-page-apps-spas
 */
export async function findPlatform(
  { provider, refreshTokens }: Tenant,
  app: AppRegistration,
  { grant_type, code = '', refresh_token = '' }: Readonly<Record<string, string>>,
): Promise<Platform> {
  if (grant_type === 'authorization_code') {
    const found = await provider.AuthorizationCode.find(code, { ignoreExpiration: true });
    if (found?.redirectUri !== undefined && found.clientId === app.clientId) return platformOf(app, found.redirectUri);
  }
  const refreshed = grant_type === 'refresh_token' ? refreshTokens.platformOf(refresh_token) : undefined;
  return refreshed ?? (isPublic(app, grant_type) ? 'public' : 'web');
}

/** A public client with a credential can still ask for app-only tokens. */
function isPublic(app: AppRegistration, grantType: string | undefined): boolean {
  const credentials = [...app.secrets, ...app.certificates, ...app.federatedCredentials];
  return app.isPublicClient && (grantType !== 'client_credentials' || credentials.length === 0);
}

/** Browsers send their origin, and only they. @throws {AadstsError} 9002326 or 9002327 */
export function checkOrigin(platform: Platform, origin: string | undefined): void {
  if (platform === 'spa' && origin === undefined) throw new AadstsError(9002327);
  if (platform !== 'spa' && origin !== undefined) throw new AadstsError(9002326, origin);
}
