import { createHmac, hkdfSync } from 'node:crypto';
import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { type Counts, limitRate } from '../../runtime/rateLimit.ts';

/** More requests of a kind came from an address than the app answers in a minute. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  readonly status = 429;
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many requests from one address');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The limits of what strangers can ask for, each counted per client address. */
export interface RateLimits {
  readonly signIns: RequestHandler;
  readonly callbacks: RequestHandler;
  readonly frontChannelLogouts: RequestHandler;
}

export interface RateLimitsOptions {
  /** The limit of sign-ins that begin, and of those that come back. */
  readonly signInsPerMinute: number;
  readonly counts: Counts;
  /** Newest first; addresses are hashed with it, so that all instances must have the same. */
  readonly secrets: readonly string[];
}

/** A customer who signs out makes a request for each of the tenant's apps, and a stranger's must not end any. */
const frontChannelLogoutsPerMinute = 300;

export function rateLimits({ signInsPerMinute, counts, secrets }: RateLimitsOptions): RateLimits {
  const [newest = ''] = secrets;
  const key = Buffer.from(hkdfSync('sha256', newest, '', 'web:v1:rate', 32));
  // Without a key, trying all four billion addresses would undo the hash.
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
 * The client's address, as the trusted proxies tell it; of IPv6 its /56, because a subscriber has at least that many.
 * Azure's proxies write the client's port as well, which is another one for each connection.
 * @see https://express-rate-limit.github.io/ERR_ERL_INVALID_IP_ADDRESS/
 */
function addressOf({ ip = '' }: Request): string {
  const address = isIP(ip) ? ip : ip.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(address) ? ipKeyGenerator(address) : 'no address';
}
