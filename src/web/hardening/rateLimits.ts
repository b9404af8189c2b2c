import { createHmac, hkdfSync } from 'node:crypto';
import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { type Counts, limitRate } from '../../runtime/rateLimit.ts';

/** One address sent more requests of a kind than the app answers in a minute. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  readonly status = 429;
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many requests from one address');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Limits for requests that strangers can make, each counted per client address. */
export interface RateLimits {
  readonly signIns: RequestHandler;
  readonly callbacks: RequestHandler;
  readonly frontChannelLogouts: RequestHandler;
}

export interface RateLimitsOptions {
  /** The limit for sign-ins that start, and also for those that come back. */
  readonly signInsPerMinute: number;
  readonly counts: Counts;
  /** Newest first. Addresses are hashed with the newest, so all instances need the same. */
  readonly secrets: readonly string[];
}

/** High, because one sign-out calls every app of the tenant; limited, so that nobody can guess a `sid`. */
const frontChannelLogoutsPerMinute = 300;

export function rateLimits({ signInsPerMinute, counts, secrets }: RateLimitsOptions): RateLimits {
  const [newest = ''] = secrets;
  const key = Buffer.from(hkdfSync('sha256', newest, '', 'web:v1:rate', 32));
  // Without a key, the hash could be undone by trying all four billion IPv4 addresses.
  const keyOf = (request: Request) => createHmac('sha256', key).update(addressOf(request)).digest('base64url');
  const limit = (which: string, perMinute: number) =>
    limitRate({
      perMinute,
      counts: counts(`web:v1:rate:${which}:`),
      keyOf,
      refusal: (retryAfterSeconds) => new TooManyRequests(retryAfterSeconds),
    });
  return {
    signIns: limit('signin', signInsPerMinute),
    callbacks: limit('redirect', signInsPerMinute),
    frontChannelLogouts: limit('front-channel-logout', frontChannelLogoutsPerMinute),
  };
}

/**
 * The client's address as the trusted proxies report it. An IPv6 address counts as its /56, because one subscriber
 * usually has a whole /56. Azure's proxies append the client's port, which changes with each connection.
 * @see https://express-rate-limit.github.io/ERR_ERL_INVALID_IP_ADDRESS/
 */
function addressOf({ ip = '' }: Request): string {
  const address = isIP(ip) ? ip : ip.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(address) ? ipKeyGenerator(address) : 'no address';
}
