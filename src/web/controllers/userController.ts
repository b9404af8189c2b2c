import type { RequestHandler } from 'express';
import { SignInRequired } from '../auth/errors.ts';
import { describeClaims } from '../claims.ts';
import { renderPage } from '../pages.ts';
import type { TokenCache } from '../session/TokenCache.ts';

/** Shows what the app knows about the customer. */
export function userController(tokenCache: Pick<TokenCache, 'readClaims'>) {
  const claims: RequestHandler = async (request, response) => {
    const idTokenClaims = await tokenCache.readClaims(request.sessionID);
    if (!idTokenClaims) throw new SignInRequired();
    renderPage(response, 'id', { claims: describeClaims(idTokenClaims) });
  };

  return { claims };
}
