import { z } from 'zod';

const maxLength = 256;

/** @see https://learn.microsoft.com/entra/identity-platform/reply-url */
export const redirectUri = checked(problemOf);

/** Mobile apps have a scheme of their own. @see https://learn.microsoft.com/entra/identity-platform/scenario-mobile-app-registration */
export const publicClientRedirectUri = checked((uri) => (isOwnScheme(uri) ? undefined : problemOf(uri)));

function checked(findProblem: (uri: string) => string | undefined) {
  return z.string().check((context) => {
    const problem = findProblem(context.value);
    if (problem) context.issues.push({ code: 'custom', message: problem, input: context.value });
  });
}

function isOwnScheme(uri: string): boolean {
  const scheme = /^(?!https?:|javascript:|data:|vbscript:|file:)[a-z][a-z0-9+.-]*:\/\/[^\s#*\\]+$/i;
  return scheme.test(uri) && URL.canParse(uri) && uri.length <= maxLength;
}

function problemOf(uri: string): string | undefined {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!url || !/^https?:\/\//i.test(uri))
    return 'must be an absolute URL, such as https://www.example.com/auth/redirect';
  if (url.hostname === '[::1]') return 'must not be on [::1], which Entra does not support: use http://localhost';
  const isLocal = ['localhost', '127.0.0.1'].includes(url.hostname);
  if (url.protocol === 'http:' && !isLocal) return 'must be https, except http://localhost and http://127.0.0.1';
  if (uri.includes('#')) return 'must not have a fragment (#)';
  if (uri.includes('*')) return 'must not have a wildcard (*)';
  if (uri.length > maxLength) return `must have at most ${maxLength} characters`;
  return comparable(uri) === undefined ? 'must not have user names or backslashes' : undefined;
}

/**
 * Whether a redirect URI is registered. Scheme and host ignore case, the path does not; for http://localhost the port is
 * ignored.
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
 */
export function isRegisteredRedirectUri(given: string, registered: readonly string[]): boolean {
  const wanted = comparable(given);
  return wanted !== undefined && registered.some((uri) => comparable(uri) === wanted);
}

export type Platform = 'web' | 'spa' | 'public';

/** An app's redirect URIs by platform. */
interface RedirectUris {
  readonly redirectUris: readonly string[];
  readonly spaRedirectUris: readonly string[];
  readonly publicClientRedirectUris: readonly string[];
}

export function allRedirectUris({ redirectUris, spaRedirectUris, publicClientRedirectUris }: RedirectUris): string[] {
  return [...redirectUris, ...spaRedirectUris, ...publicClientRedirectUris];
}

/**
 * The platform of an app's redirect URI, which decides how a code is redeemed.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redirect-uris-for-single-page-apps-spas
 */
export function platformOf(app: RedirectUris, uri: string): Platform {
  if (isRegisteredRedirectUri(uri, app.spaRedirectUris)) return 'spa';
  return isRegisteredRedirectUri(uri, app.publicClientRedirectUris) ? 'public' : 'web';
}

/** Whether scripts of this origin may read answers: it is that of a single-page app's redirect URI. */
export function isOriginOf(origin: string, uris: readonly string[]): boolean {
  const wanted = comparable(origin);
  return wanted !== undefined && uris.some((uri) => comparable(new URL(uri).origin) === wanted);
}

// Compares the path as written: URL would resolve `/auth/../auth/redirect`, which Entra does not accept.
function comparable(uri: string): string | undefined {
  if (isOwnScheme(uri)) return uri;
  const parts = /^(https?):\/\/([^/?#\\@]+)([/?][^#\\]*)?$/i.exec(uri);
  if (!parts || !URL.canParse(uri)) return undefined;
  const [, scheme = '', authority = '', rest = ''] = parts;
  const origin = `${scheme}://${authority}`.toLowerCase().replace(/^http:\/\/localhost(:\d*)?$/, 'http://localhost');
  return `${origin}${rest.startsWith('/') ? rest : `/${rest}`}`;
}
