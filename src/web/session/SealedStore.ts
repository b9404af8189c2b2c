import { RedisStore } from 'connect-redis';
import type { SessionData } from 'express-session';
import { z } from 'zod';
import { errorFields, type Logger } from '../../runtime/logger.ts';
import type { KeyValueStore } from './KeyValueStore.ts';
import { SealedClient } from './SealedClient.ts';

/** Who is signed in, and since when. Every page reads this record, so it has at most 300 bytes. */
const sessionRecord = z.object({
  customer: z.object({ oid: z.string(), name: z.string() }),
  signedInAt: z.number(),
  seenAt: z.number(),
  csrfToken: z.string(),
  /** Names the session at the tenant; undefined when the ID token has no `sid`. */
  sidHash: z.string().optional(),
});

export type SessionRecord = z.output<typeof sessionRecord>;

declare module 'express-session' {
  interface SessionData extends Omit<SessionRecord, 'csrfToken'> {}
}

/** How long a session lasts, enforced on the server. */
export interface SessionLifetime {
  /** A session ends after this time without a request. */
  readonly idleMs: number;
  /** A session ends this long after the sign-in, however busy the customer is. */
  readonly absoluteMs: number;
}

export interface SealedStoreOptions {
  readonly records: KeyValueStore;
  readonly lifetime: SessionLifetime;
  readonly log: Logger;
  readonly now?: () => number;
}

type Callback = (error?: unknown) => void;

const touchEveryMs = 60_000;

/** connect-redis's session store over sealed records, with lifetimes that the server enforces. */
export class SealedStore extends RedisStore {
  /** How long a session lasts if no further request comes; 0 or less when it is over. */
  readonly ttlSeconds: (session: Pick<SessionRecord, 'signedInAt' | 'seenAt'>) => number;
  readonly #client: SealedClient;
  readonly #log: Logger;
  readonly #now: () => number;
  /** Sessions that began with requests still running, as they were stored. */
  readonly #created = new WeakMap<object, string>();

  constructor({ records, lifetime: { idleMs, absoluteMs }, log, now = Date.now }: SealedStoreOptions) {
    const ttlSeconds: SealedStore['ttlSeconds'] = ({ signedInAt, seenAt }) =>
      Math.ceil((Math.min(seenAt + idleMs, signedInAt + absoluteMs) - now()) / 1000);
    const client = new SealedClient(records, (text) => {
      const { data } = sessionRecord.safeParse(JSON.parse(text));
      return data !== undefined && ttlSeconds(data) > 0;
    });
    super({
      client,
      prefix: '',
      ttl: ttlSeconds,
      serializer: {
        stringify: (session) => JSON.stringify(sessionRecord.parse(session)),
        // The browser got the cookie when the session began; express-session needs to know only that it has no expiry.
        parse: (text) => ({ ...JSON.parse(text), cookie: { originalMaxAge: null } }),
      },
    });
    this.ttlSeconds = ttlSeconds;
    this.#client = client;
    this.#log = log;
    this.#now = now;
  }

  /** Stores a new session. This alone creates a record; `set` only replaces one. @throws when the id is taken */
  async create(sessionId: string, session: SessionData & SessionRecord): Promise<void> {
    const text = this.serializer.stringify(session);
    const isNew = await this.#client.create(sessionId, text, this.ttlSeconds(session));
    if (!isNew) throw new Error('The id of a new session is taken');
    this.#created.set(session, JSON.stringify(session));
  }

  override async set(sessionId: string, session: SessionData, done?: Callback): Promise<void> {
    // express-session saves a new session once more when the request is answered.
    if (this.#created.get(session) === JSON.stringify(session)) return done?.();
    await super.set(sessionId, session, done);
  }

  /** Keeps a session alive, at most once a minute. The page has been answered, so a failure is only logged. */
  override async touch(sessionId: string, session: SessionData, done?: Callback): Promise<void> {
    const now = this.#now();
    // A clock that was set back counts as well, or the session would expire while it is used.
    if (Math.abs(now - session.seenAt) >= touchEveryMs) {
      session.seenAt = now;
      await Promise.all([super.set(sessionId, session), super.touch(sessionId, session)]).catch((error) =>
        this.#log.warn('Session not kept alive', errorFields(error)),
      );
    }
    done?.();
  }
}
