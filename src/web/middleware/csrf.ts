import { csrfSync } from 'csrf-sync';
import type { RequestHandler } from 'express';

/** A form that was not provably sent from one of our own pages. */
export class CsrfRefused extends Error {
  override readonly name = 'CsrfRefused';
  readonly status = 403;
}

const { isRequestValid } = csrfSync({ getTokenFromRequest: (request) => request.body?._csrf });

/**
 * Accepts a form that was sent from our own pages, according to the browser, and carries the session's token.
 * @param origin the app's own origin
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function csrf(origin: string): RequestHandler {
  return (request, _response, next) => {
    if (!isFromOurPages(request.get('Sec-Fetch-Site'), request.get('Origin'), origin)) {
      next(new CsrfRefused('the form was sent from another site'));
    } else if (!isRequestValid(request)) {
      next(new CsrfRefused('the form carries no valid token'));
    } else {
      next();
    }
  };
}

/** Checks `Sec-Fetch-Site`, or `Origin` in browsers without it. Without either the token alone decides. */
function isFromOurPages(fetchSite: string | undefined, sender: string | undefined, origin: string): boolean {
  if (fetchSite !== undefined) return fetchSite === 'same-origin' || fetchSite === 'none';
  return sender === undefined || sender === 'null' || sender === origin;
}
