import { randomBytes } from 'node:crypto';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { IssuedTokens } from '../../entra/issuedTokens.ts';
import { greetingName } from './greetingName.ts';
import type { SealedStore, SessionRecord } from './SealedStore.ts';
import { hashSid, type SessionIndex } from './SessionIndex.ts';
import type { TokenCache } from './TokenCache.ts';

export interface SessionsOptions {
  readonly store: SealedStore;
  readonly tokenCache: Pick<TokenCache, 'create'>;
  readonly index: Pick<SessionIndex, 'add' | 'remove'>;
  /** Newest first: the first signs cookies, all are accepted. */
  readonly secrets: readonly string[];
  /** Whether browsers reach the app over https. The cookie is then `__Host-session` and never sent in clear. */
  readonly isHttps: boolean;
  readonly now?: () => number;
}

/** The customers' sessions: how one begins, is found again with every request, and ends. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #cookieName: string;
  readonly #cookie;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#cookieName = options.isHttps ? '__Host-session' : 'session';
    this.#cookie = { httpOnly: true, sameSite: 'lax', secure: options.isHttps, path: '/' } satisfies CookieOptions;
  }

  /**
   * Finds the session that a request's cookie names, as `request.session`. It has a `customer` if somebody is signed in.
   * Strangers get an empty session that is never stored.
   */
  middleware(): RequestHandler {
    return session({
      store: this.#options.store,
      secret: [...this.#options.secrets],
      name: this.#cookieName,
      cookie: this.#cookie,
      genid: () => randomBytes(32).toString('base64url'),
      resave: false,
      saveUninitialized: false,
    });
  }

  /**
   * Ends the session that the browser had and stores a new one with a new id, so that no session can be planted.
   * @throws when it cannot be stored; the browser then gets no session cookie
   */
  async begin(request: Request, tokens: IssuedTokens): Promise<void> {
    const { store, tokenCache, index, now = Date.now } = this.#options;
    try {
      if (request.session.customer) await this.#delete(request.sessionID, request.session.sidHash);
      request.sessionStore.generate(request);
      const { oid, name, sid } = tokens.claims;
      const signedInAt = now();
      const begun = Object.assign(request.session, {
        customer: { oid, name: greetingName(name) },
        signedInAt,
        seenAt: signedInAt,
        csrfToken: randomBytes(16).toString('base64url'),
        sidHash: hashSid(sid),
      } satisfies SessionRecord);
      // The index comes last, so that a session found there is complete.
      await Promise.all([
        tokenCache.create(request.sessionID, tokens, store.ttlSeconds(begun)),
        store.create(request.sessionID, begun),
        index.add(begun.sidHash, request.sessionID),
      ]);
    } catch (error) {
      forget(request);
      throw error;
    }
  }

  /**
   * Ends the session: clears its cookie and deletes its records, so that a copy of the cookie is worthless too.
   * @throws {SessionStoreUnavailable} when the records may remain
   */
  async end(request: Request, response: Response): Promise<void> {
    const { sessionID, session } = request;
    forget(request);
    response.clearCookie(this.#cookieName, this.#cookie);
    await this.#delete(sessionID, session?.sidHash);
  }

  /**
   * Clears a cookie whose session is over. Only if the browser sent one: another site's form comes without it, and must
   * not clear that of a session that lasts.
   */
  clearStaleCookie(request: Request, response: Response): void {
    const sent = request.headers.cookie?.split(/; */) ?? [];
    if (!sent.some((cookie) => cookie.startsWith(`${this.#cookieName}=`))) return;
    response.clearCookie(this.#cookieName, this.#cookie);
  }

  async #delete(sessionId: string, sidHash: string | undefined): Promise<void> {
    const { store, index } = this.#options;
    await Promise.all([store.destroy(sessionId), index.remove(sidHash, sessionId)]);
  }
}

/** Without its session, a request is answered without a cookie, and nothing is saved. */
function forget(request: Request): void {
  Reflect.deleteProperty(request, 'session');
}
