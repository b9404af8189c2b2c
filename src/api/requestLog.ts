import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../runtime/logger.ts';

const longestPath = 200;

/** Gives each request an id and logs one line when it is over: no query, no header, no body. */
export function logRequests(log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    response.locals.requestId = requestId;
    response.set('X-Request-Id', requestId);
    response.once('close', () => {
      const { method, originalUrl } = request;
      const path = (originalUrl.split('?', 1)[0] ?? '').slice(0, longestPath);
      const ms = Math.round(performance.now() - startedAt);
      log.info('Request', { method, path, status: response.statusCode, ms, requestId });
    });
    next();
  };
}
