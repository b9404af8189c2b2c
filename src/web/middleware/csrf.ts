import { csrfSync } from 'csrf-sync';
import type { Request, RequestHandler } from 'express';

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
    if (!isFromOurPages(request, origin)) {
      next(new CsrfRefused('the form was sent from another site'));
    } else if (!isRequestValid(request)) {
      next(new CsrfRefused('the form carries no valid token'));
    } else {
      next();
    }
  };
}

/**
 * Whether a form came from one of our own pages, as far as the browser says: in `Sec-Fetch-Site`, or in `Origin` where
 * it does not send that. A browser that sends neither says nothing against it.
 * @param origin the app's own origin
 */
export function isFromOurPages(request: Request, origin: string): boolean {
  const fetchSite = request.get('Sec-Fetch-Site');
  const sender = request.get('Origin');
  if (fetchSite !== undefined) return fetchSite === 'same-origin' || fetchSite === 'none';
  return sender === undefined || sender === 'null' || sender === origin;
}
