import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { HttpClient } from '../runtime/httpClient.ts';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { type MetadataSource, TenantUnavailable } from './MetadataSource.ts';

interface KeySet {
  readonly jwksUri: string;
  readonly fetchedAt: number;
  readonly find: ReturnType<typeof createLocalJWKSet>;
}

export interface TenantKeysOptions {
  readonly metadata: Pick<MetadataSource, 'current'>;
  readonly http: HttpClient;
  readonly log: Logger;
  /** Milliseconds on a clock that is never set back; default: since the process began. */
  readonly now?: () => number;
}

/** Less than a caller of the API waits, so that it is answered with the last good keys. */
const timeoutMs = 1_500;
const cooldownMs = 5_000;
const freshMs = 10 * 60_000;
const usableMs = 24 * 3_600_000;

/**
 * The tenant's signing keys. jose's createRemoteJWKSet is not used, because it counts its cooldown from every
 * fetch, so that a rotation just after one is refused, drops good keys when the tenant is away, and does not
 * slow down failing fetches.
 */
export class TenantKeys {
  readonly #metadata: Pick<MetadataSource, 'current'>;
  readonly #http: HttpClient;
  readonly #log: Logger;
  readonly #now: () => number;
  #keys: KeySet | undefined;
  #fetching: Promise<void> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor({ metadata, http, log, now = () => performance.now() }: TenantKeysOptions) {
    this.#metadata = metadata;
    this.#http = http;
    this.#log = log;
    this.#now = now;
  }

  /**
   * Finds the key of a token's header, for jose's `jwtVerify`.
   * @throws {TenantUnavailable} when the keys cannot be had and the last ones are older than 24 hours.
   */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    const { jwksUri } = this.#metadata.current();
    const keys = await this.#usableKeys(jwksUri);
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    return (await this.#askForUnknown(keys)).find(header, token);
  };

  async #usableKeys(jwksUri: string): Promise<KeySet> {
    const keys = this.#youngerThan(freshMs, jwksUri);
    if (keys) return keys;
    await this.#refresh(jwksUri);
    const usable = this.#youngerThan(usableMs, jwksUri);
    if (usable) return usable;
    throw new TenantUnavailable("The tenant's signing keys cannot be fetched");
  }

  #youngerThan(ageMs: number, jwksUri: string): KeySet | undefined {
    const keys = this.#keys;
    return keys && keys.jwksUri === jwksUri && this.#now() - keys.fetchedAt < ageMs ? keys : undefined;
  }

  /** Fetches for a key that is not known, but once a cooldown, or a flood of invented keys would reach the tenant. */
  async #askForUnknown(keys: KeySet): Promise<KeySet> {
    if (!this.#fetching && !this.#isFailing()) {
      if (this.#now() - this.#askedAt < cooldownMs) return this.#keys ?? keys;
      this.#askedAt = this.#now();
    }
    await this.#refresh(keys.jwksUri);
    if (this.#isFailing()) throw new TenantUnavailable('A signing key is not known and the tenant cannot be asked');
    return this.#keys ?? keys;
  }

  #isFailing(): boolean {
    return this.#now() - this.#failedAt < cooldownMs;
  }

  async #refresh(jwksUri: string): Promise<void> {
    if (this.#isFailing()) return;
    this.#fetching ??= this.#fetch(jwksUri).finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  async #fetch(jwksUri: string): Promise<void> {
    const failedBefore = this.#failedAt > Number.NEGATIVE_INFINITY;
    try {
      const find = createLocalJWKSet({ keys: await withinTime(fetchKeys(jwksUri, this.#http)) });
      this.#keys = { jwksUri, fetchedAt: this.#now(), find };
      this.#failedAt = Number.NEGATIVE_INFINITY;
      if (failedBefore) this.#log.info("The tenant's signing keys can be fetched again");
    } catch (error) {
      this.#failedAt = this.#now();
      if (!failedBefore) this.#log.error("The tenant's signing keys cannot be fetched", errorFields(error));
    }
  }
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
  const { status, body } = await http.request({ method: 'GET', url, headers: { accept: 'application/json' } });
  if (status !== 200) throw new Error(`${url} answered ${status}`);
  // A set may hold keys of kinds that are not ours to understand (RFC 7517 section 5): they are left out.
  const keys = keySet.parse(JSON.parse(body)).keys.flatMap((key) => signingKey.safeParse(key).data ?? []);
  if (keys.length === 0) throw new Error(`${url} holds no RSA signing key`);
  return keys;
}

async function withinTime<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
