import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { SealedStore } from './SealedStore.ts';
import { hashSid } from './SessionIndex.ts';
import type { SessionTokens, TokenCache } from './TokenCache.ts';

/** What a session's begin and end need. */
export interface SessionsOptions {
  readonly store: SealedStore;
  readonly tokenCache: TokenCache;
  /** Newest first: the first signs cookies, all are accepted. */
  readonly secrets: readonly string[];
  /** Whether the app is reached over https: the cookie then is `__Host-session`, and never travels in clear. */
  readonly isHttps: boolean;
}

/** How much of a customer's name is kept for greetings, in bytes of JSON, so that the session record stays small. */
const longestNameBytes = 64;

const endPauseMs = 2_000;
const endAttempts = 300;

/** The sessions of the app: the middleware that finds one, and how one begins and ends. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #cookieName: string;
  readonly #cookie: CookieOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#cookieName = options.isHttps ? '__Host-session' : 'session';
    this.#cookie = { httpOnly: true, sameSite: 'lax', secure: options.isHttps, path: '/' };
  }

  middleware(): RequestHandler {
    return session({
      store: this.#options.store,
      secret: [...this.#options.secrets],
      name: this.#cookieName,
      cookie: { httpOnly: true, sameSite: 'lax', secure: this.#options.isHttps, path: '/' },
      genid: () => randomBytes(32).toString('base64url'),
      resave: false,
      saveUninitialized: false,
    });
  }

  /**
   * Replaces whatever session the browser had by a new one of this customer, stored before it resolves.
   * @throws when it cannot be stored; the browser then gets no session at all
   */
  async begin(request: Request, tokens: SessionTokens): Promise<void> {
    try {
      await regenerate(request);
      const now = Date.now();
      const { oid, name, sid } = tokens.claims;
      Object.assign(request.session, {
        customer: { oid, name: greetingName(name) },
        signedInAt: now,
        seenAt: now,
        csrfToken: randomBytes(16).toString('base64url'),
        sidHash: hashSid(sid),
      });
      const ttlSeconds = this.#options.store.ttlSeconds({ signedInAt: now, seenAt: now });
      // The session is saved last, because that enters it in the index: who finds it there finds all of its records.
      await Promise.all([this.#options.tokenCache.create(request.sessionID, tokens, ttlSeconds), save(request)]);
    } catch (error) {
      forget(request);
      throw error;
    }
  }

  /**
   * Ends the session: its cookie is taken from the browser, and its records are deleted, so that a copy of the cookie
   * is worth nothing either.
   * @throws {RecordsUnavailable} when the records could not be deleted now; that is tried again for ten minutes
   */
  async end(request: Request, response: Response): Promise<void> {
    const { sessionID, session } = request;
    forget(request);
    response.clearCookie(this.#cookieName, this.#cookie);
    try {
      await this.#options.store.end(sessionID, session);
    } catch (error) {
      void this.#endLater(sessionID, session);
      throw error;
    }
  }

  /** Nobody will ask again for the end of a session that could not be deleted, so it is tried until it is done. */
  async #endLater(sessionId: string, session: Request['session'] | undefined): Promise<void> {
    for (let attempt = 0; attempt < endAttempts; attempt += 1) {
      await delay(endPauseMs, undefined, { ref: false });
      const isDone = await this.#options.store.end(sessionId, session).then(
        () => true,
        () => false,
      );
      if (isDone) return;
    }
  }
}

function regenerate(request: Request): Promise<void> {
  return new Promise((resolve, reject) => request.session.regenerate((error) => (error ? reject(error) : resolve())));
}

function save(request: Request): Promise<void> {
  return new Promise((resolve, reject) => request.session.save((error) => (error ? reject(error) : resolve())));
}

/** express-session sends a cookie for, and saves, whatever session the request still has when it is answered. */
function forget(request: Request): void {
  Reflect.deleteProperty(request, 'session');
}

/** The beginning of a name, cut between two characters. */
function greetingName(name: unknown): string {
  let kept = '';
  for (const character of typeof name === 'string' ? name : '') {
    if (Buffer.byteLength(JSON.stringify(kept + character)) - 2 > longestNameBytes) break;
    kept += character;
  }
  return kept;
}
