import type { Request } from 'express';
import { type SessionData, Store } from 'express-session';
import { z } from 'zod';
import { errorFields, type Logger } from '../../runtime/logger.ts';
import { endsAt, type SessionLifetime } from './lifetime.ts';
import type { Records } from './records.ts';
import type { SessionIndex } from './SessionIndex.ts';
import { openRecord, recordKey, recordKeys, sealRecord, sessionHash } from './seal.ts';

/** Who is signed in, since when; the only record that every page reads, at most 300 bytes. */
const sessionRecord = z.object({
  customer: z.object({ oid: z.string(), name: z.string() }),
  signedInAt: z.number(),
  seenAt: z.number(),
  csrfToken: z.string(),
  sidHash: z.string().optional(),
});

declare module 'express-session' {
  interface SessionData {
    customer: z.output<typeof sessionRecord>['customer'];
    signedInAt: number;
    seenAt: number;
    /** Where the index has this session; undefined when its ID token has no `sid`. */
    sidHash?: string | undefined;
  }
}

export interface SealedStoreOptions {
  readonly records: Records;
  readonly index: Pick<SessionIndex, 'add' | 'remove'>;
  readonly lifetime: SessionLifetime;
  readonly log: Logger;
  readonly now?: () => number;
}

type Callback<Value = void> = (error?: unknown, value?: Value) => void;

const touchEveryMs = 60_000;

/**
 * express-session's store over sealed records. A session that ended is never written again by a request
 * that was still running: what was loaded is only ever replaced, what is new only ever created.
 * @see https://github.com/expressjs/session/issues/632
 */
export class SealedStore extends Store {
  /** express-session puts it on its store. */
  declare generate: (request: Request) => void;
  readonly #options: SealedStoreOptions;
  readonly #now: () => number;
  /** What the records hold of a session, as opposed to those that this request is about to begin. */
  readonly #stored = new WeakMap<object, string>();

  constructor(options: SealedStoreOptions) {
    super();
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  override get(sessionId: string, callback: Callback<SessionData | null>): void {
    settle(this.#read(sessionId), callback);
  }

  override set(sessionId: string, session: SessionData, callback: Callback = () => {}): void {
    settle(this.#write(sessionId, session), callback);
  }

  /** Keeps the session alive, once a minute at most; a failure is logged only, the page has been answered. */
  override touch(sessionId: string, session: SessionData, callback: Callback = () => {}): void {
    const sinceSeenMs = this.#now() - session.seenAt;
    // Negative when the clock was set back: then it is written down anew, or nothing would keep the session alive.
    if (sinceSeenMs >= 0 && sinceSeenMs < touchEveryMs) {
      callback();
      return;
    }
    session.seenAt = this.#now();
    this.#prolong(sessionId, session)
      .catch((error) => this.#options.log.warn('A session could not be kept alive', errorFields(error)))
      .finally(() => callback());
  }

  override destroy(sessionId: string, callback: Callback = () => {}): void {
    settle(this.end(sessionId, undefined), callback);
  }

  /** Deletes a session's records, and its place in the index if its data is known. */
  async end(sessionId: string, session: Partial<SessionData> | undefined): Promise<void> {
    const { records, index } = this.#options;
    const leaving = session?.sidHash === undefined ? undefined : index.remove(session.sidHash, sessionId);
    await Promise.all([records.delete(recordKeys(sessionHash(sessionId))), leaving]);
  }

  /** Gives the request a new session; only one that was stored has records to delete first. */
  override regenerate(request: Request, callback: Callback): void {
    const { sessionID, session } = request;
    const ending = this.#stored.has(session) ? this.end(sessionID, session) : Promise.resolve();
    settle(
      ending.then(() => this.generate(request)),
      callback,
    );
  }

  override createSession(request: Parameters<Store['createSession']>[0], data: SessionData) {
    const session = super.createSession(request, data);
    this.#stored.set(session, '');
    return session;
  }

  /** How long a session's records are kept if nothing more happens, in whole seconds, at least 1. */
  ttlSeconds({ signedInAt, seenAt }: Pick<SessionData, 'signedInAt' | 'seenAt'>): number {
    const remainingMs = endsAt(this.#options.lifetime, signedInAt, seenAt) - this.#now();
    return Math.max(1, Math.ceil(remainingMs / 1000));
  }

  async #read(sessionId: string): Promise<SessionData | null> {
    const sealed = await this.#options.records.get(recordKey('session', sessionId));
    if (!sealed) return null;
    const record = sessionRecord.safeParse(openRecord('session', sessionId, sealed));
    if (record.success && endsAt(this.#options.lifetime, record.data.signedInAt, record.data.seenAt) > this.#now()) {
      // The cookie is sent once, when the session begins; express-session only needs to know that it has no expiry.
      return { ...record.data, cookie: { originalMaxAge: null } };
    }
    await this.end(sessionId, record.data);
    return null;
  }

  async #write(sessionId: string, session: SessionData): Promise<void> {
    const record = sessionRecord.parse(session);
    const text = JSON.stringify(record);
    // express-session saves a session that has just begun once more when the request is answered.
    if (this.#stored.get(session) === text) return;
    const key = recordKey('session', sessionId);
    const sealed = sealRecord('session', sessionId, record);
    if (this.#stored.has(session)) {
      await this.#options.records.replace(key, sealed);
    } else {
      await this.#create(sessionId, session, sealed);
    }
    this.#stored.set(session, text);
  }

  async #create(sessionId: string, session: SessionData, sealed: Buffer): Promise<void> {
    const { records, index } = this.#options;
    const creating = records.create(recordKey('session', sessionId), sealed, this.ttlSeconds(session));
    const adding = session.sidHash === undefined ? undefined : index.add(session.sidHash, sessionId);
    const [isNew] = await Promise.all([creating, adding]);
    if (!isNew) throw new Error('a session with a new id was there already');
  }

  async #prolong(sessionId: string, session: SessionData): Promise<void> {
    const { records } = this.#options;
    const keys = recordKeys(sessionHash(sessionId));
    await Promise.all([this.#write(sessionId, session), records.expire(keys, this.ttlSeconds(session))]);
  }
}

function settle<Value>(work: Promise<Value>, callback: Callback<Value>): void {
  work.then(
    (value) => callback(undefined, value),
    (error: unknown) => callback(error),
  );
}
