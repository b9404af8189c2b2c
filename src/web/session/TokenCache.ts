import { z } from 'zod';
import type { IdTokenClaims } from '../../entra/idToken.ts';
import type { AccessToken, IssuedTokens } from '../../entra/issuedTokens.ts';
import type { KeyValueStore } from './KeyValueStore.ts';
import { openRecord, type RecordKind, recordKey, sealRecord } from './seal.ts';

const claimsRecord = z.looseObject({ iss: z.string(), sub: z.string(), oid: z.string(), tid: z.string() });
const accessRecord = z.object({ token: z.string(), expiresAt: z.number(), audience: z.string() });
const msalRecord = z.object({ cache: z.string() });

/** A session's claims and tokens, each in its own sealed record, so that a page reads only what it shows. */
export class TokenCache {
  readonly #records: KeyValueStore;
  readonly #audience: string;

  /** @param audience the client id of the API that access tokens are for */
  constructor(records: KeyValueStore, audience: string) {
    this.#records = records;
    this.#audience = audience;
  }

  /** Writes the records of a new session. @param ttlSeconds the session's own */
  async create(sessionId: string, tokens: IssuedTokens, ttlSeconds: number): Promise<void> {
    const records = this.#sealed(sessionId, tokens);
    await Promise.all(records.map(({ key, sealed }) => this.#records.create(key, sealed, ttlSeconds)));
  }

  /** Writes renewed tokens, unless the session has ended. */
  async replace(sessionId: string, tokens: IssuedTokens): Promise<void> {
    const records = this.#sealed(sessionId, tokens);
    await Promise.all(records.map(({ key, sealed }) => this.#records.replace(key, sealed)));
  }

  async readClaims(sessionId: string): Promise<IdTokenClaims | undefined> {
    return await this.#read('claims', sessionId, claimsRecord);
  }

  /** A token for another API is left out, so that it is renewed and never sent to the API of today's settings. */
  async readAccessToken(sessionId: string): Promise<AccessToken | undefined> {
    const record = await this.#read('access', sessionId, accessRecord);
    return record?.audience === this.#audience ? { token: record.token, expiresAt: record.expiresAt } : undefined;
  }

  async readForRefresh(sessionId: string): Promise<Pick<IssuedTokens, 'claims' | 'msalCache'> | undefined> {
    const [msal, claims] = await Promise.all([this.#read('msal', sessionId, msalRecord), this.readClaims(sessionId)]);
    return msal && claims && { msalCache: msal.cache, claims };
  }

  #sealed(sessionId: string, { claims, accessToken, msalCache }: IssuedTokens) {
    const seal = (kind: RecordKind, record: object) => ({
      key: recordKey(kind, sessionId),
      sealed: sealRecord(kind, sessionId, JSON.stringify(record)),
    });
    const access = { ...accessToken, audience: this.#audience };
    return [seal('claims', claims), seal('access', access), seal('msal', { cache: msalCache })];
  }

  async #read<Schema extends z.ZodType>(kind: RecordKind, sessionId: string, schema: Schema) {
    const sealed = await this.#records.get(recordKey(kind, sessionId));
    const text = sealed && openRecord(kind, sessionId, sealed);
    return text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data;
  }
}
