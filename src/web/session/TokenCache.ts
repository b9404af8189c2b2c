import { z } from 'zod';
import type { IdTokenClaims } from '../../entra/idToken.ts';
import type { Records } from './records.ts';
import { openRecord, type RecordKind, recordKey, sealRecord } from './seal.ts';

/** What a session keeps besides itself. */
export interface SessionTokens {
  readonly claims: IdTokenClaims;
  /** `expiresAt`: milliseconds since 1970. */
  readonly accessToken: { readonly token: string; readonly expiresAt: number };
  /** MSAL's serialized cache of this customer alone. */
  readonly msalCache: string;
}

const claimsRecord = z.looseObject({ iss: z.string(), sub: z.string(), oid: z.string(), tid: z.string() });
const accessRecord = z.object({ token: z.string(), expiresAt: z.number() });
const msalRecord = z.object({ cache: z.string() });

/** A session's claims and tokens, each in a sealed record of its own, read only by the pages that need it. */
export class TokenCache {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Writes the records of a session that begins. @param ttlSeconds as the session's own */
  async create(sessionId: string, tokens: SessionTokens, ttlSeconds: number): Promise<void> {
    const write = ([kind, record]: readonly [RecordKind, object]) =>
      this.#records.create(recordKey(kind, sessionId), sealRecord(kind, sessionId, record), ttlSeconds);
    await Promise.all(recordsOf(tokens).map(write));
  }

  /** Writes what a refresh brought, unless the session ended meanwhile. */
  async replace(sessionId: string, tokens: SessionTokens): Promise<void> {
    const write = ([kind, record]: readonly [RecordKind, object]) =>
      this.#records.replace(recordKey(kind, sessionId), sealRecord(kind, sessionId, record));
    await Promise.all(recordsOf(tokens).map(write));
  }

  async readClaims(sessionId: string): Promise<IdTokenClaims | undefined> {
    return await this.#read('claims', sessionId, claimsRecord);
  }

  async readAccessToken(sessionId: string): Promise<SessionTokens['accessToken'] | undefined> {
    return await this.#read('access', sessionId, accessRecord);
  }

  async readForRefresh(sessionId: string): Promise<Pick<SessionTokens, 'claims' | 'msalCache'> | undefined> {
    const [msal, claims] = await Promise.all([this.#read('msal', sessionId, msalRecord), this.readClaims(sessionId)]);
    return msal && claims && { msalCache: msal.cache, claims };
  }

  async #read<Schema extends z.ZodType>(kind: RecordKind, sessionId: string, schema: Schema) {
    const sealed = await this.#records.get(recordKey(kind, sessionId));
    return sealed && schema.safeParse(openRecord(kind, sessionId, sealed)).data;
  }
}

function recordsOf({ claims, accessToken, msalCache }: SessionTokens): readonly (readonly [RecordKind, object])[] {
  return [
    ['claims', claims],
    ['access', accessToken],
    ['msal', { cache: msalCache }],
  ];
}
