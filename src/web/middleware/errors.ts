import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { audit } from '../../runtime/audit.ts';
import { ClientGone } from '../../runtime/clientSignal.ts';
import { errorFields, type Logger } from '../../runtime/logger.ts';
import { SignInInterrupted, SignInLoop, SignInRequired } from '../auth/errors.ts';
import { auditSubject } from '../hardening/auditSubject.ts';
import { Prefetched } from '../hardening/security.ts';
import { renderPage } from '../pages.ts';
import type { Sessions } from '../session/Sessions.ts';
import { isFromOurPages } from './csrf.ts';
import { answerFor, type ErrorAnswer, signInHref } from './errorAnswers.ts';

/** No page has this address. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
  readonly status = 404;
}

/** The page exists, but not for this method. */
export class MethodNotAllowed extends Error {
  override readonly name = 'MethodNotAllowed';
  readonly status = 405;
}

export const notFound: RequestHandler = (_request, _response, next) => next(new NotFound('no such page'));

/** Refuses every method that the page does not answer. @param allowed as in the `Allow` header */
export function methodNotAllowed(allowed: string): RequestHandler {
  return (request, response, next) => {
    response.setHeader('Allow', allowed);
    next(new MethodNotAllowed(`${request.method} is not allowed here`));
  };
}

/**
 * Answers all errors: sends the customer to sign in, or says what happened and what to do next.
 * @param origin the app's own origin
 */
export function errorHandler(
  origin: string,
  sessions: Pick<Sessions, 'end'>,
  log: Logger,
  now: () => number = () => Date.now(),
): ErrorRequestHandler {
  return async (thrown, request, response, _next) => {
    if (thrown instanceof ClientGone) return;
    const error = isSignInLoop(thrown, request, now())
      ? new SignInLoop('a new session asked to sign in', { cause: thrown })
      : thrown;
    const answer = answerFor(error);
    const endsSession = thrown instanceof SignInRequired && thrown.endsSession;
    record(log, error, { ...answer, ...(endsSession && { event: 'session-ended' }) }, request, response);
    if (response.headersSent) {
      // The answer has begun or ended, for example when the session could not be saved after it.
      if (!response.writableEnded) response.destroy();
      return;
    }
    removeFileHeaders(response);
    if (endsSession) await endQuietly(sessions, request, response, log);
    // A page without a session greets nobody and offers no sign-out.
    if (!request.session) response.locals = { requestId: response.locals.requestId };
    if (error instanceof SignInRequired && isPageVisit(request)) {
      return response.redirect(303, signInHref(request.originalUrl));
    }
    if (answer.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(answer.retryAfterSeconds));
    response.status(answer.status);
    if (isNavigation(request)) showPage(request, response, answer, error, origin);
    else response.json({ error: answer.heading, message: answer.message, requestId: response.locals.requestId });
  };
}

/** Whether a redirect to sign in would come back here at once, and so on forever: the session has only just begun. */
function isSignInLoop(error: unknown, request: Request, now: number): boolean {
  const ageMs = now - (request.session?.signedInAt ?? 0);
  return error instanceof SignInRequired && isPageVisit(request) && ageMs < 60_000;
}

/** By now `express.static` may have set a file's headers; with them a cache would store the error as the file. */
function removeFileHeaders(response: Response): void {
  for (const name of ['Accept-Ranges', 'Content-Range', 'Content-Type', 'ETag', 'Last-Modified']) {
    response.removeHeader(name);
  }
  response.setHeader('Cache-Control', 'no-store');
}

function showPage(
  request: Request,
  response: Response,
  { heading, message, action, code }: ErrorAnswer,
  error: unknown,
  origin: string,
): void {
  const text = keptText(request, origin);
  const href = error instanceof SignInRequired ? signInHref(pageOf(request)) : action.href;
  renderPage(response, 'error', { heading, message, action: { ...action, href }, code, ...(text && { text }) });
}

/** The page with the form: /todos for /todos/5/delete. */
function pageOf(request: Request): string {
  return `/${request.path.split('/')[1] ?? ''}`;
}

/** What the customer wrote, so that it is not lost; but never what another site made the browser send. */
function keptText(request: Request, origin: string): string | undefined {
  const text: unknown = request.body?.description;
  return typeof text === 'string' && isFromOurPages(request, origin) ? text : undefined;
}

async function endQuietly(
  sessions: Pick<Sessions, 'end'>,
  request: Request,
  response: Response,
  log: Logger,
): Promise<void> {
  try {
    await sessions.end(request, response);
  } catch (error) {
    log.error('Session could not be ended', errorFields(error));
  }
}

function record(
  log: Logger,
  error: unknown,
  { status, event }: ErrorAnswer,
  request: Request,
  response: Response,
): void {
  const reason = error instanceof SignInInterrupted ? error.cause : error;
  const fields = { status, ...auditSubject(request, response), ...errorFields(reason) };
  const level = status >= 500 ? 'error' : 'warn';
  const stack = reason instanceof Error ? reason.stack : undefined;
  if (status === 500) log.error('Request failed', { ...fields, stack });
  if (event) audit(log, event, fields, level);
  else if (status !== 500 && !isInRequestLog(error, status)) log[level]('Request refused', fields);
}

/** The request log says as much about these. */
function isInRequestLog(error: unknown, status: number): boolean {
  return (
    status === 404 || status === 405 || error instanceof Prefetched || (error instanceof SignInRequired && !error.cause)
  );
}

function isPageVisit(request: Request): boolean {
  return isNavigation(request) && /^(GET|HEAD)$/.test(request.method);
}

/** Whether a person is waiting for a page, rather than a script for data. */
function isNavigation(request: Request): boolean {
  const mode = request.get('Sec-Fetch-Mode');
  return mode === undefined ? request.accepts(['html', 'json']) === 'html' : mode === 'navigate';
}
