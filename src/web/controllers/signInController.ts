import type { Request, RequestHandler, Response } from 'express';
import { audit } from '../../runtime/audit.ts';
import { errorFields, type Logger } from '../../runtime/logger.ts';
import type { AuthProvider } from '../auth/AuthProvider.ts';
import { type AuthorizationAnswer, parseAuthorizationAnswer, refusalIn } from '../auth/authorizationAnswer.ts';
import { SignInFailed, SignInInterrupted } from '../auth/errors.ts';
import type { PendingSignIn } from '../auth/PendingSignInSealer.ts';
import { parseSignInRequest, type SignInRequest } from '../auth/signInRequest.ts';
import { auditSubject } from '../hardening/auditSubject.ts';
import type { PendingSignInCookies } from '../session/PendingSignInCookies.ts';
import type { Sessions } from '../session/Sessions.ts';

export interface SignInDependencies {
  readonly provider: Pick<AuthProvider, 'startSignIn' | 'finishSignIn'>;
  readonly pendingSignIns: Pick<PendingSignInCookies, 'add' | 'take'>;
  readonly sessions: Pick<Sessions, 'begin'>;
  readonly log: Logger;
}

/** Signs customers in: the trip to the tenant and back. */
export function signInController({ provider, pendingSignIns, sessions, log }: SignInDependencies) {
  /** `GET /auth/signin` */
  const start: RequestHandler = async (request, response) => {
    await goToTenant(request, response, parseSignInRequest(request.query), { isRetry: false });
  };

  /** `GET /auth/redirect`: the tenant's answer, brought by the browser. */
  const callback: RequestHandler = async (request, response) => {
    const answer = parseAuthorizationAnswer(request.query);
    const pending = await takePending(request, response, answer);
    if (!pending) return response.redirect(303, '/');
    try {
      await finish(request, response, answer, pending);
    } catch (cause) {
      throw new SignInInterrupted(pending.returnTo, cause);
    }
  };

  async function goToTenant(
    request: Request,
    response: Response,
    signIn: SignInRequest,
    trip: Pick<PendingSignIn, 'isRetry'>,
  ): Promise<void> {
    const { url, pending } = await provider.startSignIn(signIn, trip);
    await pendingSignIns.add(request, response, pending);
    response.redirect(302, url);
  }

  async function finish(
    request: Request,
    response: Response,
    answer: AuthorizationAnswer,
    pending: PendingSignIn,
  ): Promise<void> {
    const { returnTo, isRetry } = pending;
    const outcome = await provider.finishSignIn(answer, pending);
    const earlier = auditSubject(request, response);
    switch (outcome.kind) {
      case 'signedIn':
        await sessions.begin(request, outcome.tokens);
        if (earlier.session) audit(log, 'session-ended', { ...earlier, cause: 'replaced by a new sign-in' });
        audit(log, 'sign-in-succeeded', { ...auditSubject(request, response) });
        return response.redirect(303, returnTo);
      case 'cancelled':
        audit(log, 'sign-in-cancelled', { ...earlier, cause: outcome.refusal?.message });
        return response.redirect(303, '/?notice=cancelled');
      case 'interactionNeeded':
        if (isRetry) throw new SignInFailed('refused by the tenant', outcome.refusal);
        log.info('The tenant needs the customer; starting again', { ...earlier, cause: outcome.refusal?.message });
        return goToTenant(request, response, { returnTo }, { isRetry: true });
    }
  }

  /**
   * Takes the pending sign-in that an answer belongs to, once.
   * @returns undefined when the answer comes late to a browser that is signed in: reload, back button
   * @throws {SignInFailed} when the browser is not signed in
   */
  async function takePending(
    request: Request,
    response: Response,
    answer: AuthorizationAnswer,
  ): Promise<PendingSignIn | undefined> {
    try {
      return await pendingSignIns.take(request, response, answer);
    } catch (error) {
      if (!(error instanceof SignInFailed)) throw error;
      // A browser that keeps cookies has at least that of this attempt.
      const reason = request.headers.cookie ? error.reason : 'no cookies';
      const failure = new SignInFailed(reason, refusalIn(answer) ?? error.cause);
      if (!request.session.customer) throw failure;
      audit(log, 'sign-in-failed', { ...auditSubject(request, response), ...errorFields(failure) });
      return undefined;
    }
  }

  return { start, callback };
}
