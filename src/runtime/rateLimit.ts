import type { Request, RequestHandler, Response } from 'express';
import { MemoryStore, type Options, type RateLimitInfo, rateLimit, type Store } from 'express-rate-limit';
import { type RedisReply, RedisStore } from 'rate-limit-redis';
import { errorFields, type Logger } from './logger.ts';
import type { RedisClient } from './redis.ts';

declare global {
  namespace Express {
    interface Request {
      rateLimit?: RateLimitInfo;
    }
  }
}

/** Gives each limit its own place to count requests in. @param prefix what the keys of its counts begin with */
export type Counts = (prefix: string) => Store;

export interface RateLimit {
  /** How many requests pass in a minute, which begins with a caller's first. */
  readonly perMinute: number;
  readonly counts: Store;
  /** Whom a request is counted for. */
  readonly keyOf: (request: Request, response: Response) => string;
  /** Makes the error with which a request above the limit ends. */
  readonly refusal: (retryAfterSeconds: number) => Error;
}

const windowMs = 60_000;

/** Lets a caller's requests through up to a number a minute; no header tells how near the limit is. */
export function limitRate({ perMinute, counts, keyOf, refusal }: RateLimit): RequestHandler {
  return rateLimit({
    windowMs,
    limit: perMinute,
    store: counts,
    keyGenerator: keyOf,
    standardHeaders: false,
    legacyHeaders: false,
    handler: (request, _response, next) => next(refusal(secondsUntil(request.rateLimit?.resetTime))),
  });
}

function secondsUntil(time: Date | undefined): number {
  const leftMs = time ? time.getTime() - Date.now() : windowMs;
  return Math.max(1, Math.ceil(leftMs / 1000));
}

/** Counts of one process, for development: each instance would have its own. */
export const processCounts: Counts = () => new MemoryStore();

/**
 * Counts on Redis, which all instances share: one command a request. While Redis is away each process counts for
 * itself, because nobody should be kept from signing in by that; the log says so once.
 */
export function redisCounts(redis: Pick<RedisClient, 'sendCommand'>, log: Logger): Counts {
  let isAway = false;
  const onOutcome = (failure?: unknown) => {
    if (failure && !isAway) {
      log.warn('Requests cannot be counted on Redis; this process counts its own', errorFields(failure));
    }
    isAway = failure !== undefined;
  };
  const send = (...command: string[]) => redis.sendCommand<RedisReply>(command);
  return (prefix) => new RedisCounts(prefix, send, onOutcome);
}

class RedisCounts extends RedisStore {
  readonly #own = new MemoryStore();
  readonly #onOutcome: (failure?: unknown) => void;
  #load: () => Promise<void> = async () => {};
  #loading: Promise<void> | undefined;

  constructor(
    prefix: string,
    sendCommand: (...command: string[]) => Promise<RedisReply>,
    onOutcome: (failure?: unknown) => void,
  ) {
    super({ prefix, sendCommand });
    this.#onOutcome = onOutcome;
  }

  /** Loads no script yet: the app is built before Redis is connected. */
  override async init(options: Options): Promise<void> {
    this.#own.init(options);
    this.#load = () => super.init(options);
  }

  override async increment(key: string) {
    try {
      this.#loading ??= this.#load();
      await this.#loading;
      const count = await super.increment(key);
      this.#onOutcome();
      return count;
    } catch (error) {
      // RedisStore keeps the outcome of loading its script, and a failure would be final.
      this.#loading = undefined;
      this.#onOutcome(error);
      return await this.#own.increment(key);
    }
  }
}
