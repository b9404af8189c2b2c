import type { RequestHandler } from 'express';

/** One session has too many requests under way. */
export class TooManyAtOnce extends Error {
  override readonly name = 'TooManyAtOnce';
  readonly status = 429;
  readonly retryAfterSeconds = 1;
}

/**
 * A browser opens 6 connections, or one with any number of requests over HTTP/2: 20 tabs can be restored at once. A
 * page of a list has at most 0.5 MB, so a session that reads slowly holds at most 10 MB.
 */
const maxPerSession = 20;

/** Limits how many requests of one session are under way in this process. Belongs after `requireSignIn`. */
export function limitAtOnce(): RequestHandler {
  const underWay = new Map<string, number>();
  return ({ sessionID }, response, next) => {
    // The browser left while the session was read. There will be no other `close`.
    if (response.closed) return;
    const count = underWay.get(sessionID) ?? 0;
    if (count >= maxPerSession) throw new TooManyAtOnce('too many requests of one session at once');
    underWay.set(sessionID, count + 1);
    response.once('close', () => {
      const left = (underWay.get(sessionID) ?? 1) - 1;
      if (left > 0) underWay.set(sessionID, left);
      else underWay.delete(sessionID);
    });
    next();
  };
}
