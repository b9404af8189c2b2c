import { randomUUID } from 'node:crypto';
import { type AadstsCode, codesWithoutLink, type Definition, definitions } from './aadstsCodes.ts';

export type { AadstsCode } from './aadstsCodes.ts';

export class AadstsError extends Error {
  override readonly name = 'AadstsError';
  readonly code: AadstsCode;
  readonly status: number;
  readonly error: string;
  readonly suberror: string | undefined;

  constructor(code: AadstsCode, subject = '') {
    const { status, error, suberror, text }: Definition = definitions[code];
    super(`AADSTS${code}: ${text.replaceAll('{}', () => subject)}`);
    this.code = code;
    this.status = status;
    this.error = error;
    this.suberror = suberror;
  }
}

export function isAadstsCode(code: number): code is AadstsCode {
  return Object.hasOwn(definitions, code);
}

export type RequestTrace = ReturnType<typeof traceRequest>;

/** Names a request the way Entra's errors do. */
export function traceRequest(clientRequestId: unknown, now: Date) {
  const isGuid =
    typeof clientRequestId === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(clientRequestId);
  return {
    correlationId: isGuid ? clientRequestId : randomUUID(),
    traceId: randomUUID(),
    timestamp: `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`,
  };
}

/** The one-line description of an error, with the ids by which Microsoft's support finds the request. */
export function describeError(error: AadstsError, { traceId, correlationId, timestamp }: RequestTrace): string {
  return `${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#error-response-1 */
export function errorBody(error: AadstsError, trace: RequestTrace, baseUrl: string) {
  return {
    error: error.error,
    error_description: describeError(error, trace),
    error_codes: [error.code],
    timestamp: trace.timestamp,
    trace_id: trace.traceId,
    correlation_id: trace.correlationId,
    ...(codesWithoutLink.includes(error.code) ? {} : { error_uri: `${baseUrl}/error?code=${error.code}` }),
    ...(error.suberror === undefined ? {} : { suberror: error.suberror }),
  };
}
