/** Long enough for a page's query, short enough for five attempts to fit into a request's cookies. */
const maxLength = 512;
/** Only used to resolve the path against; never visited. */
const origin = 'https://app.invalid';

/**
 * Turns an untrusted `returnTo` into a page of this app or the home page: never another site, never a page
 * under /auth/ (that would sign in or out by itself). Built from what the URL parser read, so that no
 * second reading can differ.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html
 */
export function localPath(value: unknown): string {
  if (typeof value !== 'string' || value.length > maxLength) return '/';
  if (!/^\/(?![/\\])[\w\-.~!$&'()*+,;=:@%/?]*$/.test(value)) return '/';
  const path = value.split('?', 1)[0] ?? '';
  if (path.includes('//') || /%(?:[01][0-9a-f]|2f|5c|7f)/i.test(path) || !URL.canParse(value, origin)) return '/';
  const url = new URL(value, origin);
  if (url.origin !== origin || url.pathname.startsWith('//') || /^\/auth(?:\/|$)/i.test(url.pathname)) return '/';
  const page = url.pathname + url.search;
  // The parser encodes some characters, which makes the text up to three times as long.
  return page.length <= maxLength ? page : '/';
}
