import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordKey, recordKinds, sealRecord } from '../../../src/web/session/seal.ts';
import { TokenCache } from '../../../src/web/session/TokenCache.ts';
import { type OpenStore, storeKinds } from './openStore.ts';

const claims = {
  iss: 'https://issuer',
  sub: 'sub',
  oid: randomUUID(),
  tid: randomUUID(),
  name: 'Alice',
  emails: ['alice@example.com'],
};
const tokens = { claims, accessToken: { token: 'access-1', expiresAt: 1_800_000_000_000 }, msalCache: '{"cache":1}' };
const renewed = { claims: { ...claims, name: 'Al' }, accessToken: { token: 'access-2', expiresAt: 5 }, msalCache: '2' };

describe.each(storeKinds)('TokenCache $kind', ({ open }) => {
  let opened: OpenStore;
  let cache: TokenCache;
  let sessionId: string;
  beforeAll(async () => {
    opened = await open();
    cache = new TokenCache(opened.records, 'an API');
  });
  beforeEach(() => {
    sessionId = randomUUID();
  });
  afterAll(() => opened.close());
  const readAll = async () => [
    await cache.readClaims(sessionId),
    await cache.readAccessToken(sessionId),
    await cache.readForRefresh(sessionId),
  ];

  it('reads what was stored, with every claim', async () => {
    await cache.create(sessionId, tokens, 60);
    const { accessToken, msalCache } = tokens;
    expect(await readAll()).toEqual([claims, accessToken, { claims, msalCache }]);
  });

  it('gives an access token for its own API only', async () => {
    await cache.create(sessionId, tokens, 60);
    const ofOtherApi = new TokenCache(opened.records, 'another API');
    expect(await ofOtherApi.readAccessToken(sessionId)).toBeUndefined();
    expect(await ofOtherApi.readForRefresh(sessionId)).toEqual({ claims, msalCache: tokens.msalCache });
  });

  it('reads nothing for an unknown session', async () => {
    expect(await readAll()).toEqual([undefined, undefined, undefined]);
  });

  it('reads what a refresh brought', async () => {
    await cache.create(sessionId, tokens, 60);
    await cache.replace(sessionId, renewed);
    const { accessToken, msalCache } = renewed;
    expect(await readAll()).toEqual([renewed.claims, accessToken, { claims: renewed.claims, msalCache }]);
  });

  it('writes nothing if the session ended during the refresh', async () => {
    await cache.create(sessionId, tokens, 60);
    await opened.records.delete(recordKinds.map((kind) => recordKey(kind, sessionId)));
    await cache.replace(sessionId, renewed);
    expect(await readAll()).toEqual([undefined, undefined, undefined]);
  });

  it('keeps sessions apart, even if their records are exchanged', async () => {
    const stranger = randomUUID();
    await cache.create(sessionId, tokens, 60);
    await cache.create(stranger, renewed, 60);
    for (const kind of recordKinds) {
      const foreign = await opened.records.get(recordKey(kind, stranger));
      if (foreign) await opened.records.replace(recordKey(kind, sessionId), foreign);
    }
    expect(await readAll()).toEqual([undefined, undefined, undefined]);
  });

  it.each([{}, [], { token: 5, expiresAt: 1 }, { token: 'x' }, { cache: 5 }, { iss: 'i', sub: 's', oid: 'o' }])(
    'reads nothing from a record of another shape: %j',
    async (record) => {
      await cache.create(sessionId, tokens, 60);
      for (const kind of ['claims', 'access', 'msal'] as const) {
        await opened.records.replace(recordKey(kind, sessionId), sealRecord(kind, sessionId, JSON.stringify(record)));
      }
      expect(await readAll()).toEqual([undefined, undefined, undefined]);
    },
  );

  it('has no tokens to renew if either of the two records is gone', async () => {
    for (const kind of ['claims', 'msal'] as const) {
      sessionId = randomUUID();
      await cache.create(sessionId, tokens, 60);
      await opened.records.delete([recordKey(kind, sessionId)]);
      expect(await cache.readForRefresh(sessionId)).toBeUndefined();
    }
  });
});
