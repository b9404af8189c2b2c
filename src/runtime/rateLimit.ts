import type { Request, RequestHandler, Response } from 'express';
import { MemoryStore, type Options, type RateLimitInfo, rateLimit, type Store } from 'express-rate-limit';
import { type RedisReply, RedisStore, type SendCommandClusterFn } from 'rate-limit-redis';
import { errorFields, type Logger } from './logger.ts';
import type { RedisConnection } from './redis.ts';

declare global {
  namespace Express {
    interface Request {
      rateLimit?: RateLimitInfo;
    }
  }
}

/** Makes a place to count the requests of one limit. @param prefix of its keys */
export type Counts = (prefix: string) => Store;

export interface RateLimit {
  /** The requests that pass in a minute, which begins with the caller's first. */
  readonly perMinute: number;
  readonly counts: Store;
  /** Identifies the caller for whom a request is counted. */
  readonly keyOf: (request: Request, response: Response) => string;
  /** Makes the error for a request above the limit. */
  readonly refusal: (retryAfterSeconds: number) => Error;
}

const windowMs = 60_000;

/** Limits a caller's requests per minute. No header tells a caller how near the limit is. */
export function limitRate({ perMinute, counts, keyOf, refusal }: RateLimit): RequestHandler {
  return rateLimit({
    windowMs,
    limit: perMinute,
    store: counts,
    keyGenerator: keyOf,
    standardHeaders: false,
    legacyHeaders: false,
    passOnStoreError: true,
    // Failed counts are logged by redisCounts, once; the library would log each request.
    logger: { error: () => {}, warn: () => {} },
    handler: (request, _response, next) => next(refusal(secondsUntil(request.rateLimit?.resetTime))),
  });
}

function secondsUntil(time: Date | undefined): number {
  const leftMs = time ? time.getTime() - Date.now() : windowMs;
  return Math.max(1, Math.ceil(leftMs / 1000));
}

/** Counts in this process, for development: each instance would count for itself. */
export const processCounts: Counts = () => new MemoryStore();

/**
 * Counts on Redis, which all instances share: one command a request. While Redis is unavailable nothing is counted and
 * every request passes: a limit that kept everybody out would be the better attack. The log says so once.
 */
export function redisCounts(redis: Pick<RedisConnection, 'send'>, log: Logger): Counts {
  let isCounting = true;
  const onOutcome = (failure?: unknown) => {
    if (failure && isCounting) log.error('Rate limits are off: Redis cannot count requests', errorFields(failure));
    if (!failure && !isCounting) log.info('Rate limits are on again');
    isCounting = failure === undefined;
  };
  const sendCommandCluster: SendCommandClusterFn = ({ key = '', command }) => redis.send<RedisReply>(key, command);
  return (prefix) => new RedisCounts({ prefix, sendCommandCluster }, onOutcome);
}

/** Redis does not know it, so RedisStore loads its script and tries again. */
const unknownScript = Promise.resolve('0'.repeat(40));

/** Loads its script with the first count, because the app is built before Redis is connected. */
class RedisCounts extends RedisStore {
  readonly #onOutcome: (failure?: unknown) => void;

  constructor(options: ConstructorParameters<typeof RedisStore>[0], onOutcome: (failure?: unknown) => void) {
    super(options);
    this.#onOutcome = onOutcome;
  }

  override async init({ windowMs }: Options): Promise<void> {
    this.windowMs = windowMs;
    this.incrementScriptSha = unknownScript;
  }

  override async increment(key: string) {
    try {
      const count = await super.increment(key);
      this.#onOutcome();
      return count;
    } catch (error) {
      // RedisStore would keep the outcome of a failed load forever.
      this.incrementScriptSha = unknownScript;
      this.#onOutcome(error);
      throw error;
    }
  }
}
