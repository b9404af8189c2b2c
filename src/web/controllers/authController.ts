import type { Request, RequestHandler, Response } from 'express';
import { audit, loggedHash } from '../../runtime/audit.ts';
import { errorFields, type Logger } from '../../runtime/logger.ts';
import type { AuthProvider, SignInOutcome } from '../auth/AuthProvider.ts';
import { type AuthorizationAnswer, parseAuthorizationAnswer } from '../auth/authorizationAnswer.ts';
import { SignInFailed, SignInInterrupted, SignInLoop, SignOutIncomplete } from '../auth/errors.ts';
import {
  maxRounds,
  type PendingSignIn,
  type PendingSignInSealer,
  pendingSignInSeconds,
} from '../auth/PendingSignInSealer.ts';
import { parseSignInRequest, type SignInRequest } from '../auth/signInRequest.ts';
import { auditSubject } from '../hardening/auditSubject.ts';
import { renderPage } from '../pages.ts';
import type { PendingSignInCookies } from '../session/PendingSignInCookies.ts';
import { hashSid, type SessionIndex } from '../session/SessionIndex.ts';
import type { Sessions } from '../session/Sessions.ts';
import type { TokenCache } from '../session/TokenCache.ts';
import type { UsedAttempts } from '../session/UsedAttempts.ts';

export interface AuthControllerOptions {
  readonly provider: Pick<AuthProvider, 'startSignIn' | 'finishSignIn' | 'signOutUrl' | 'isIssuer'>;
  readonly sealer: Pick<PendingSignInSealer, 'open'>;
  readonly cookies: PendingSignInCookies;
  readonly usedAttempts: Pick<UsedAttempts, 'claim'>;
  readonly sessions: Pick<Sessions, 'begin' | 'end'>;
  readonly sessionIndex: Pick<SessionIndex, 'end'>;
  readonly tokenCache: Pick<TokenCache, 'readClaims'>;
  readonly log: Logger;
}

/** Signs customers in and out: the trips to the tenant and back. */
export class AuthController {
  readonly #options: AuthControllerOptions;

  constructor(options: AuthControllerOptions) {
    this.#options = options;
  }

  readonly signIn: RequestHandler = async (request, response) => {
    const signIn = parseSignInRequest(request.query);
    // Only a page that needs sign-in can send the customer round in circles, and the home page needs none.
    const round = signIn.returnTo === '/' ? 0 : this.#options.cookies.readRounds(request);
    if (round >= maxRounds) throw new SignInLoop('the customer was signed in again and again');
    await this.#goToTenant(request, response, signIn, { isRetry: false, round });
  };

  readonly redirect: RequestHandler = async (request, response) => {
    const answer = parseAuthorizationAnswer(request.query);
    const attempt = await this.#takeAttempt(request, response, answer);
    if (!attempt) return response.redirect(303, '/');
    try {
      const outcome = await this.#options.provider.finishSignIn(answer, attempt);
      await this.#conclude(request, response, attempt, outcome);
    } catch (cause) {
      throw new SignInInterrupted(attempt.returnTo, cause);
    }
  };

  readonly signOutPage: RequestHandler = (_request, response) => renderPage(response, 'signout', {});

  /** Ends the session first, so that nothing that happens at the tenant can leave it behind. */
  readonly signOut: RequestHandler = async (request, response) => {
    const { sessions, cookies, tokenCache, log } = this.#options;
    const subject = auditSubject(request, response);
    // Without its claims the tenant may ask which account is meant; that must not keep the session alive.
    const claims = await tokenCache.readClaims(request.sessionID).catch(() => undefined);
    await sessions.end(request, response).catch((cause: unknown) => {
      throw new SignOutIncomplete('a session outlives its sign-out', { cause });
    });
    audit(log, 'signed-out', { ...subject });
    cookies.clearRounds(response);
    response.redirect(303, this.#signOutUrl(claims?.login_hint));
  };

  readonly signedOut: RequestHandler = (_request, response) => renderPage(response, 'signed-out', {});

  /**
   * The tenant's call, in a frame and without our cookies, when the customer signs out of it anywhere. Entra sends `sid`
   * alone or with `iss`. The answer is the same for every input, so that nobody learns whether a session exists.
   * @see https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout
   * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#single-sign-out
   */
  readonly frontChannelLogout: RequestHandler = async (request, response) => {
    const { sid, iss } = request.query;
    const sidHash = hashSid(sid);
    const isOurs = iss === undefined || this.#options.provider.isIssuer(iss);
    const ended = sidHash !== undefined && isOurs ? await this.#options.sessionIndex.end(sidHash) : [];
    const { requestId } = response.locals;
    for (const session of ended) {
      audit(this.#options.log, 'session-ended', {
        requestId,
        session: loggedHash(session),
        cause: 'signed out elsewhere',
      });
    }
    response.end();
  };

  /** The customer is signed out of this app by now, so that an absent tenant is no error. */
  #signOutUrl(loginHint: unknown): string {
    try {
      return this.#options.provider.signOutUrl(typeof loginHint === 'string' ? loginHint : undefined);
    } catch {
      return '/auth/signed-out';
    }
  }

  async #goToTenant(
    request: Request,
    response: Response,
    signIn: SignInRequest,
    trip: Pick<PendingSignIn, 'isRetry' | 'round'>,
  ): Promise<void> {
    const { url, attempt } = await this.#options.provider.startSignIn(signIn, trip);
    await this.#options.cookies.add(request, response, attempt);
    response.redirect(302, url);
  }

  /**
   * Takes the attempt that an answer belongs to, once.
   * @returns undefined for an answer that comes late to a browser that is signed in: reload, back button
   * @throws {SignInFailed} for a browser that is not
   */
  async #takeAttempt(
    request: Request,
    response: Response,
    { state, error }: AuthorizationAnswer,
  ): Promise<PendingSignIn | undefined> {
    const { sealer, cookies, usedAttempts, log } = this.#options;
    try {
      const attempt = await sealer.open(cookies.read(request, state), state);
      // An error opens nothing, so that nothing need be written down for it.
      const isFirst = error !== undefined || (await usedAttempts.claim(state, pendingSignInSeconds));
      cookies.clear(response, state);
      if (!isFirst) throw new SignInFailed('used attempt');
      return attempt;
    } catch (failure) {
      if (!(failure instanceof SignInFailed) || !request.session.customer) throw failure;
      audit(log, 'sign-in-failed', { ...auditSubject(request, response), ...errorFields(failure) });
      return undefined;
    }
  }

  async #conclude(
    request: Request,
    response: Response,
    { returnTo, isRetry, round }: PendingSignIn,
    outcome: SignInOutcome,
  ): Promise<void> {
    const { log } = this.#options;
    const earlier = auditSubject(request, response);
    if (outcome.kind === 'cancelled') {
      audit(log, 'sign-in-cancelled', { ...earlier });
      return response.redirect(303, '/?notice=cancelled');
    }
    if (outcome.kind === 'interactionNeeded') {
      if (isRetry) throw new SignInFailed('refused by the tenant');
      return await this.#goToTenant(request, response, { returnTo }, { isRetry: true, round });
    }
    await this.#options.sessions.begin(request, outcome.tokens);
    if (earlier.session) audit(log, 'session-ended', { ...earlier, cause: 'replaced by a new sign-in' });
    audit(log, 'sign-in-succeeded', { ...auditSubject(request, response) });
    if (returnTo !== '/') this.#options.cookies.writeRounds(response, round + 1);
    response.redirect(303, returnTo);
  }
}
