import { csrfSync } from 'csrf-sync';
import type { RequestHandler } from 'express';

/** A state change that does not provably come from one of our own forms. */
export class CsrfRefused extends Error {
  override readonly name = 'CsrfRefused';
  readonly status = 403;
}

const { isRequestValid } = csrfSync({ getTokenFromRequest: (request) => request.body?._csrf });

/**
 * Lets a form through that comes from our own pages, as the browser says, and carries the session's token.
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

/** `Sec-Fetch-Site` where the browser sends it, else `Origin`; the token decides when there is neither. */
function isFromOurPages(fetchSite: string | undefined, sender: string | undefined, origin: string): boolean {
  if (fetchSite !== undefined) return fetchSite === 'same-origin' || fetchSite === 'none';
  return sender === undefined || sender === 'null' || sender === origin;
}
