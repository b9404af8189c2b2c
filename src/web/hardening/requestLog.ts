import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import morgan from 'morgan';
import type { LogFormat } from '../../runtime/logger.ts';
import { visibleText } from '../../runtime/visibleText.ts';

const longestPath = 200;

/** Gives each request an id, which its log line, its error page and the `X-Request-Id` header carry. */
export const requestId: RequestHandler = (_request, response, next) => {
  response.locals.requestId = randomUUID();
  response.setHeader('X-Request-Id', response.locals.requestId);
  next();
};

/** One line a request: never its query (it may hold a code), its cookies or its body. */
export function requestLog(format: LogFormat, write: (line: string) => void): RequestHandler {
  return morgan<Request, Response>(
    (tokens, request, response) => {
      const line = {
        time: new Date().toISOString(),
        level: 'info',
        program: 'web',
        message: 'request',
        requestId: String(response.getHeader('X-Request-Id')),
        method: request.method,
        path: (request.originalUrl.split('?', 1)[0] ?? '').slice(0, longestPath),
        status: Number(tokens.status?.(request, response) ?? 0),
        ms: Number(tokens['response-time']?.(request, response) ?? 0),
      };
      if (format === 'json') return JSON.stringify(line);
      return `${line.time.slice(11, 19)} web    ${line.method} ${line.path} ${line.status || 'aborted'} ${line.ms} ms`;
    },
    { stream: { write: (line) => write(visibleText(line.trimEnd())) } },
  );
}
