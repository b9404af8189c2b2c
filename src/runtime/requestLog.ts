import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import morgan from 'morgan';
import type { Logger } from './logger.ts';

const longestPath = 200;

/** Gives each request an id, which its log lines, its error page and the `X-Request-Id` header carry. */
export const requestId: RequestHandler = (_request, response, next) => {
  response.locals.requestId = randomUUID();
  response.setHeader('X-Request-Id', response.locals.requestId);
  next();
};

/** Logs one line a request: never its query (it may hold a code), its headers or its body. Belongs after {@link requestId}. */
export function requestLog(log: Logger): RequestHandler {
  return morgan<Request, Response>((tokens, request, response) => {
    const { method, originalUrl } = request;
    log.info('request', {
      method,
      path: (originalUrl.split('?', 1)[0] ?? '').slice(0, longestPath),
      // Both are 0 when the client closed the connection before the response began.
      status: Number(tokens.status?.(request, response) ?? 0),
      ms: Number(tokens['response-time']?.(request, response, 0) ?? 0),
      requestId: response.locals.requestId,
    });
    return undefined;
  });
}
