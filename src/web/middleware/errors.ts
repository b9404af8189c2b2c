import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { audit } from '../../runtime/audit.ts';
import { errorFields, type Logger } from '../../runtime/logger.ts';
import { SignInInterrupted, SignInRequired } from '../auth/errors.ts';
import { auditEventOf } from '../hardening/auditEvents.ts';
import { type AuditSubject, auditSubject } from '../hardening/auditSubject.ts';
import { renderPage } from '../pages.ts';
import type { Sessions } from '../session/Sessions.ts';
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

/** Answers every other method than those of the page. @param allowed as in the `Allow` header */
export function methodNotAllowed(allowed: string): RequestHandler {
  return (request, response, next) => {
    response.setHeader('Allow', allowed);
    next(new MethodNotAllowed(`${request.method} is not answered here`));
  };
}

/** The one place that answers errors: sends to sign in, or shows what happened and what to do next. */
export function errorHandler(sessions: Pick<Sessions, 'end'>, log: Logger): ErrorRequestHandler {
  return async (error, request, response, _next) => {
    const answer = answerFor(error);
    record(log, error, answer.status, auditSubject(request, response));
    if (response.headersSent) {
      // The answer is under way or done, for example when a session could not be saved after it: nobody is told twice.
      if (!response.writableEnded) response.destroy();
      return;
    }
    dropHeadersOfFile(response);
    if (error instanceof SignInRequired && error.endsSession) await endQuietly(sessions, request, response, log);
    // Whose session has ended is greeted by no page any more, and offered no sign-out.
    if (!request.session) response.locals = { requestId: response.locals.requestId };
    if (!isNavigation(request)) sendJson(response, answer);
    else if (error instanceof SignInRequired && isRead(request)) {
      response.redirect(303, signInHref(request.originalUrl));
    } else if (error instanceof SignInRequired) {
      showPage(request, response, { ...answer, action: { ...answer.action, href: signInHref(pageOf(request)) } });
    } else showPage(request, response, answer);
  };
}

/** A file that is refused to a range or a condition has its headers set by then: a cache would keep the error in its place. */
function dropHeadersOfFile(response: Response): void {
  for (const name of ['Accept-Ranges', 'Content-Range', 'Content-Type', 'ETag', 'Last-Modified']) {
    response.removeHeader(name);
  }
  response.setHeader('Cache-Control', 'no-store');
}

/** The page that a form stands on: /todos of /todos/5/delete. */
function pageOf(request: Request): string {
  return `/${request.path.split('/')[1] ?? ''}`;
}

function showPage(request: Request, response: Response, { status, retryAfterSeconds, ...page }: ErrorAnswer): void {
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  const text = keptText(request);
  renderPage(response.status(status), 'error', text === undefined ? page : { ...page, text });
}

/** What the customer wrote, so that it is not lost; nothing that another site makes the browser send is shown. */
function keptText(request: Request): string | undefined {
  const text: unknown = request.body?.description;
  const isFromElsewhere = /^(cross|same)-site$/.test(request.get('Sec-Fetch-Site') ?? '');
  return typeof text === 'string' && text !== '' && !isFromElsewhere ? text : undefined;
}

function sendJson(response: Response, { status, retryAfterSeconds, heading, message }: ErrorAnswer): void {
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  response.status(status).json({ error: heading, message, requestId: response.locals.requestId });
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
    log.error('A session could not be ended', errorFields(error));
  }
}

function record(log: Logger, error: unknown, status: number, subject: AuditSubject): void {
  const reason = error instanceof SignInInterrupted ? error.cause : error;
  const fields = { status, ...subject, ...errorFields(reason) };
  const level = status >= 500 ? 'error' : 'warn';
  const event = auditEventOf(error);
  if (status === 500) log.error('A request failed', { ...fields, stack: stackOf(reason) });
  if (event) audit(log, event, fields, level);
  else if (status !== 500 && !isTold(error, status)) log[level]('A request was refused or failed', fields);
}

/** The request's own line says as much of these. */
function isTold(error: unknown, status: number): boolean {
  return status === 404 || status === 405 || (error instanceof SignInRequired && !error.cause);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

function isRead(request: Request): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}

/** Whether a person waits for a page, as opposed to a script for data. */
function isNavigation(request: Request): boolean {
  const mode = request.get('Sec-Fetch-Mode');
  return mode === undefined ? request.accepts(['html', 'json']) === 'html' : mode === 'navigate';
}
