import type { RequestHandler } from 'express';
import { audit, loggedHash } from '../../runtime/audit.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { AuthProvider } from '../auth/AuthProvider.ts';
import { SignOutIncomplete } from '../auth/errors.ts';
import { auditSubject } from '../hardening/auditSubject.ts';
import { renderPage } from '../pages.ts';
import { hashSid, type SessionIndex } from '../session/SessionIndex.ts';
import type { Sessions } from '../session/Sessions.ts';
import type { TokenCache } from '../session/TokenCache.ts';

export interface SignOutDependencies {
  readonly provider: Pick<AuthProvider, 'signOutUrl' | 'isIssuer'>;
  readonly sessions: Pick<Sessions, 'end' | 'clearStaleCookie'>;
  readonly sessionIndex: Pick<SessionIndex, 'end'>;
  readonly tokenCache: Pick<TokenCache, 'readClaims'>;
  readonly log: Logger;
}

/** Signs customers out: here and at the tenant, or here because they signed out at the tenant. */
export function signOutController({ provider, sessions, sessionIndex, tokenCache, log }: SignOutDependencies) {
  const page: RequestHandler = (_request, response) => renderPage(response, 'signout', {});

  /** A customer who has signed in again meanwhile, in another tab, is told so. */
  const signedOut: RequestHandler = (request, response) =>
    renderPage(response, request.session.customer ? 'signout' : 'signed-out', {});

  /** Answers a sign-out that has nothing to end: the session is over, or there never was one. */
  const ifSignedOut: RequestHandler = (request, response, next) => {
    if (request.session.customer) return next();
    sessions.clearStaleCookie(request, response);
    response.redirect(303, '/auth/signed-out');
  };

  /** Ends our session first, so that a failure at the tenant cannot keep it alive. */
  const signOut: RequestHandler = async (request, response) => {
    const subject = auditSubject(request, response);
    // Without the claims the tenant may ask which account to sign out. That must not keep the session alive.
    const claims = await tokenCache.readClaims(request.sessionID).catch(() => undefined);
    await sessions.end(request, response).catch((cause: unknown) => {
      throw new SignOutIncomplete('a session could not be deleted at sign-out', { cause });
    });
    audit(log, 'signed-out', { ...subject });
    response.redirect(303, signOutUrl(claims?.login_hint));
  };

  /** The customer is signed out of this app by now, so an unavailable tenant is not an error. */
  function signOutUrl(loginHint: unknown): string {
    try {
      return provider.signOutUrl(typeof loginHint === 'string' ? loginHint : undefined);
    } catch {
      return '/auth/signed-out';
    }
  }

  /**
   * The tenant calls this in a frame, without our cookies, when the customer signs out of it anywhere. Entra sends `sid`
   * alone or with `iss`. Passes on a call that ends nothing, so that only those count towards the limit. The answer is the
   * same for every input, so that it does not reveal whether a session exists.
   * @see https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout
   * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#single-sign-out
   */
  const frontChannel: RequestHandler = async (request, response, next) => {
    const { sid, iss } = request.query;
    const sidHash = hashSid(sid);
    const isOurs = iss === undefined || provider.isIssuer(iss);
    const ended = sidHash !== undefined && isOurs ? await sessionIndex.end(sidHash) : [];
    const { requestId } = response.locals;
    for (const session of ended) {
      audit(log, 'session-ended', { requestId, session: loggedHash(session), cause: 'signed out elsewhere' });
    }
    if (ended.length > 0) response.end();
    else next();
  };

  return { page, ifSignedOut, signOut, signedOut, frontChannel };
}
