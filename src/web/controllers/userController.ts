import type { RequestHandler } from 'express';
import { SignInRequired } from '../auth/errors.ts';
import { describeClaims } from '../claims.ts';
import { renderPage } from '../pages.ts';
import type { TokenCache } from '../session/TokenCache.ts';

/** What the app knows of the customer. */
export class UserController {
  readonly #tokenCache: Pick<TokenCache, 'readClaims'>;

  constructor(tokenCache: Pick<TokenCache, 'readClaims'>) {
    this.#tokenCache = tokenCache;
  }

  readonly claims: RequestHandler = async (request, response) => {
    const claims = await this.#tokenCache.readClaims(request.sessionID);
    if (!claims) throw new SignInRequired();
    renderPage(response, 'id', { claims: describeClaims(claims) });
  };
}
