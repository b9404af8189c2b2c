import { z } from 'zod';
import type { IdTokenClaims } from '../../entra/idToken.ts';
import type { AccessToken, IssuedTokens } from '../../entra/issuedTokens.ts';
import type { KeyValueStore } from './KeyValueStore.ts';
import { openRecord, type RecordKind, recordKey, sealRecord } from './seal.ts';

const claimsRecord = z.looseObject({ iss: z.string(), sub: z.string(), oid: z.string(), tid: z.string() });
const accessRecord = z.object({ token: z.string(), expiresAt: z.number() });
const msalRecord = z.object({ cache: z.string() });

/** A session's claims and tokens, each in its own sealed record, so that a page reads only what it shows. */
export class TokenCache {
  readonly #records: KeyValueStore;

  constructor(records: KeyValueStore) {
    this.#records = records;
  }

  /** Writes the records of a new session. @param ttlSeconds the session's own */
  async create(sessionId: string, tokens: IssuedTokens, ttlSeconds: number): Promise<void> {
    const records = sealedRecords(sessionId, tokens);
    await Promise.all(records.map(({ key, sealed }) => this.#records.create(key, sealed, ttlSeconds)));
  }

  /** Writes renewed tokens, unless the session has ended. */
  async replace(sessionId: string, tokens: IssuedTokens): Promise<void> {
    const records = sealedRecords(sessionId, tokens);
    await Promise.all(records.map(({ key, sealed }) => this.#records.replace(key, sealed)));
  }

  async readClaims(sessionId: string): Promise<IdTokenClaims | undefined> {
    return await this.#read('claims', sessionId, claimsRecord);
  }

  async readAccessToken(sessionId: string): Promise<AccessToken | undefined> {
    return await this.#read('access', sessionId, accessRecord);
  }

  async readForRefresh(sessionId: string): Promise<Pick<IssuedTokens, 'claims' | 'msalCache'> | undefined> {
    const [msal, claims] = await Promise.all([this.#read('msal', sessionId, msalRecord), this.readClaims(sessionId)]);
    return msal && claims && { msalCache: msal.cache, claims };
  }

  async #read<Schema extends z.ZodType>(kind: RecordKind, sessionId: string, schema: Schema) {
    const sealed = await this.#records.get(recordKey(kind, sessionId));
    const text = sealed && openRecord(kind, sessionId, sealed);
    return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
  }
}

function sealedRecords(sessionId: string, { claims, accessToken, msalCache }: IssuedTokens) {
  const seal = (kind: RecordKind, record: object) => ({
    key: recordKey(kind, sessionId),
    sealed: sealRecord(kind, sessionId, JSON.stringify(record)),
  });
  return [seal('claims', claims), seal('access', accessToken), seal('msal', { cache: msalCache })];
}
