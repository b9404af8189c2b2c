import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import { type AuditEvent, audit, loggedId } from '../runtime/audit.ts';
import { errorFields, type Logger } from '../runtime/logger.ts';

/** An error response. Its message is the problem's detail, which the caller sees. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The security event to log, if any. */
  readonly event: AuditEvent | undefined;

  /** @param cause for the log only */
  constructor(
    status: number,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
    { event, cause }: { event?: AuditEvent | undefined; cause?: unknown } = {},
  ) {
    super(detail, { cause });
    this.status = status;
    this.headers = headers;
    this.event = event;
  }
}

/** The to-dos cannot be read or written at the moment. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly status = 503;
}

/** A caller made too many changes in a minute. */
export function tooManyWrites(retryAfterSeconds: number): Problem {
  const detail = 'Too many changes in a minute. Wait, then send this one again: it was not made.';
  return new Problem(429, detail, { 'Retry-After': String(retryAfterSeconds) }, { event: 'rate-limited' });
}

const bearerErrors = {
  invalid_request: { status: 400, event: 'token-refused' },
  invalid_token: { status: 401, event: 'token-refused' },
  insufficient_scope: { status: 403, event: 'permission-refused' },
} as const;

/** A request without credentials: the response names the scheme, without an error code (RFC 6750 section 3.1). */
export function credentialsMissing(): Problem {
  return new Problem(401, 'Send an access token in the Authorization header, with the scheme Bearer.', {
    'WWW-Authenticate': 'Bearer realm="todo"',
  });
}

/**
 * A refused access token, in RFC 6750's words.
 * @param description a fixed text of ASCII characters without quotes and backslashes
 * @param scope the permission that is needed
 * @param cause for the log
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function bearerProblem(
  error: keyof typeof bearerErrors,
  description: string,
  { scope, cause }: { scope?: string; cause?: unknown } = {},
): Problem {
  const parts = ['realm="todo"', `error="${error}"`, `error_description="${description}"`];
  if (scope) parts.push(`scope="${scope}"`);
  const headers = { 'WWW-Authenticate': `Bearer ${parts.join(', ')}` };
  const { status, event } = bearerErrors[error];
  return new Problem(status, `The access token is refused: ${description}.`, headers, { event, cause });
}

/**
 * Answers every error as `application/problem+json`.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function answerErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const problem = problemOf(error);
    const { requestId, oid } = response.locals;
    const customer = typeof oid === 'string' ? loggedId(oid) : undefined;
    const fields = { status: problem.status, requestId, customer, ...errorFields(error) };
    if (problem.status >= 500) log.error('Request failed', fields);
    else if (problem.event) audit(log, problem.event, fields, 'warn');
    // After the response began, Express' handler would close the connection, under the caller's next request.
    if (response.headersSent) return void response.end();
    const { status, message, headers } = problem;
    response.status(status).set(headers).type('application/problem+json');
    response.send(JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail: message }));
  };
}

const requestErrors: Readonly<Record<number, string>> = {
  413: 'The body is larger than 10 KB.',
  415: 'The body has an encoding that is not understood.',
};

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status === 503) {
    return new Problem(503, 'Not available just now; try again soon.', { 'Retry-After': '5' });
  }
  // The messages of Express and its body parser repeat what the caller sent.
  if (status >= 400 && status < 500) return new Problem(status, requestErrors[status] ?? 'The request cannot be read.');
  return new Problem(500, 'Something went wrong on our side.');
}
