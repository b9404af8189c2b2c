import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { HttpClient } from '../runtime/httpClient.ts';
import { LastGood } from '../runtime/LastGood.ts';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { parseJson } from '../runtime/parseJson.ts';
import { type MetadataSource, TenantUnavailable } from './MetadataSource.ts';

interface FetchedKeys {
  readonly jwksUri: string;
  readonly find: ReturnType<typeof createLocalJWKSet>;
}

/** Less than a caller of the API waits, so that it is answered with the last good keys. */
const timeoutMs = 1_500;
const cooldownMs = 5_000;
const usableMs = 24 * 3_600_000;

/**
 * The tenant's signing keys. jose's createRemoteJWKSet would refuse a key that was rotated in just after a fetch, because
 * its cooldown begins with every fetch; would drop good keys when the tenant is unavailable; and would not slow down
 * after failures.
 */
export class TenantKeys {
  readonly #metadata: Pick<MetadataSource, 'current'>;
  readonly #keys: LastGood<FetchedKeys>;

  /** @param options.now milliseconds on a clock that is never set back; default: since the process began */
  constructor(options: {
    readonly metadata: Pick<MetadataSource, 'current'>;
    readonly http: HttpClient;
    readonly log: Logger;
    readonly now?: () => number;
  }) {
    const { metadata, http, log, now } = options;
    this.#metadata = metadata;
    this.#keys = new LastGood({
      read: async () => {
        const { jwksUri } = metadata.current();
        const keys = await fetchKeys(jwksUri, http);
        if (this.#keys.failure) log.info("The tenant's signing keys can be fetched again");
        return { jwksUri, find: createLocalJWKSet({ keys }) };
      },
      onFailure: (error) => log.error("The tenant's signing keys cannot be fetched", errorFields(error)),
      freshMs: 10 * 60_000,
      retryMs: cooldownMs,
      longestRetryMs: cooldownMs,
      now,
    });
  }

  /**
   * Finds the key of a token's header, for jose's `jwtVerify`.
   * @throws {TenantUnavailable} when the keys cannot be fetched and the last ones are older than 24 hours, or come from
   *   an address that the tenant no longer names.
   */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    // Throws while there is no metadata, which is not a failure of the keys.
    const { jwksUri } = this.#metadata.current();
    if (this.#keys.value?.jwksUri === jwksUri) await this.#keys.refreshIfDue();
    else if (!this.#keys.isPausing) await this.#keys.refresh();
    try {
      return await this.#find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    // Once per cooldown, or a flood of invented keys would reach the tenant.
    if (!this.#keys.isPausing) await this.#keys.refreshOnDemand(cooldownMs);
    if (this.#keys.isPausing) {
      throw new TenantUnavailable('A signing key is unknown, and the tenant cannot be asked for it');
    }
    return await this.#find(header, token);
  };

  readonly #find: JWTVerifyGetKey = async (header, token) => {
    const { value, ageMs } = this.#keys;
    if (value && value.jwksUri === this.#metadata.current().jwksUri && ageMs < usableMs) {
      return await value.find(header, token);
    }
    throw new TenantUnavailable("The tenant's signing keys cannot be fetched");
  };
}

const keySet = z.object({ keys: z.array(z.unknown()).max(100) });

/** A public RSA key of at least 2048 bits, which is 342 characters of base64url. */
const signingKey = z
  .object({
    kty: z.literal('RSA'),
    use: z.literal('sig').optional(),
    alg: z.literal('RS256').optional(),
    kid: z.string().min(1).optional(),
    n: z.string().regex(/^[\w-]{342,}$/),
    e: z.string().regex(/^[\w-]+$/),
  })
  .transform(({ kty, kid, n, e }) => ({ kty, n, e, ...(kid && { kid }) }));

async function fetchKeys(url: string, http: HttpClient) {
  const { status, body } = await http.request({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    timeoutMs,
  });
  if (status !== 200) throw new Error(`${url} answered ${status}`);
  // Keys of unknown kinds are ignored (RFC 7517 section 5).
  const keys = keySet.parse(parseJson(body)).keys.flatMap((key) => signingKey.safeParse(key).data ?? []);
  if (keys.length === 0) throw new Error(`${url} holds no RSA signing key`);
  return keys;
}
