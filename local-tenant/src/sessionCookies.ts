import type { TenantConfig } from './config.ts';

/** Cookies ignore the port, so the names tell the tenants and apps of one machine apart. */
export function cookieNames({ baseUrl }: Pick<TenantConfig, 'baseUrl'>) {
  const { port } = new URL(baseUrl);
  const named = (cookie: string) => `tenant_${cookie}${port && `_${port}`}`;
  return { session: named('session'), interaction: named('interaction'), resume: named('resume') };
}

/**
 * A single-page app renews tokens in a frame, to which browsers send the session's cookies only with `SameSite=None`.
 * They take that over https only.
 * @see https://learn.microsoft.com/entra/identity-platform/howto-handle-samesite-cookie-changes-chrome-browser
 */
export function sessionCookieOptions(baseUrl: string) {
  const isSecure = baseUrl.startsWith('https:');
  const sameSite = isSecure ? 'none' : 'lax';
  return { httpOnly: true, overwrite: true, sameSite, secure: isSecure } as const;
}
