import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IssuedTokens } from '../../../src/entra/issuedTokens.ts';
import { TenantUnavailable } from '../../../src/entra/MetadataSource.ts';
import { AccessTokenSource, type TokenRecords } from '../../../src/web/auth/AccessTokenSource.ts';
import { SignInRequired } from '../../../src/web/auth/errors.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

function issued(token: string, leftMs = 60 * minuteMs): IssuedTokens {
  const claims = { iss: 'https://issuer', sub: 'sub', oid: randomUUID(), tid: randomUUID() };
  return { claims, accessToken: { token, expiresAt: Date.now() + leftMs }, msalCache: `cache of ${token}` };
}

let stored: Map<string, IssuedTokens>;
/** The caches that the tenant was asked to renew. */
let refreshed: string[];
let accessTokens: AccessTokenSource;
/** What the tenant does when asked to renew. */
let renew: (msalCache: string) => Promise<IssuedTokens>;

const records: TokenRecords = {
  readAccessToken: async (sessionId) => stored.get(sessionId)?.accessToken,
  readForRefresh: async (sessionId) => stored.get(sessionId),
  async replace(sessionId, tokens) {
    if (stored.has(sessionId)) stored.set(sessionId, tokens);
  },
};

beforeEach(() => {
  stored = new Map();
  refreshed = [];
  renew = async (msalCache) => issued(`renewed from ${msalCache}`);
  accessTokens = new AccessTokenSource(records, {
    async refresh(msalCache) {
      refreshed.push(msalCache);
      return await renew(msalCache);
    },
  });
});

const twenty = <Value>(ask: () => Promise<Value>) => Promise.all(Array.from({ length: 20 }, ask));

describe('AccessTokenSource', () => {
  it('returns a stored token that is valid for more than five minutes', async () => {
    stored.set('s', issued('t1', 5 * minuteMs + 30 * secondMs));
    expect(await accessTokens.get('s')).toBe('t1');
    expect(refreshed).toEqual([]);
  });

  it.each([5 * minuteMs - secondMs, secondMs, 0, -minuteMs])(
    'renews a token with %i ms left, once for 20 callers, and stores it',
    async (leftMs) => {
      stored.set('s', issued('t1', leftMs));
      const tokens = await twenty(() => accessTokens.get('s'));
      expect(new Set(tokens)).toEqual(new Set(['renewed from cache of t1']));
      expect(refreshed).toEqual(['cache of t1']);
      expect(stored.get('s')?.msalCache).toBe('cache of renewed from cache of t1');
      expect(await accessTokens.get('s')).toBe('renewed from cache of t1');
      expect(refreshed).toHaveLength(1);
    },
  );

  it('does not hand out again a token that was refused, and renews once for 20 callers', async () => {
    stored.set('s', issued('t1'));
    const tokens = await twenty(() => accessTokens.get('s', 't1'));
    expect(new Set(tokens)).toEqual(new Set(['renewed from cache of t1']));
    expect(refreshed).toHaveLength(1);
  });

  it('answers from the records when the refused token was replaced meanwhile', async () => {
    stored.set('s', issued('t2'));
    expect(await accessTokens.get('s', 't1')).toBe('t2');
    expect(refreshed).toEqual([]);
  });

  it('renews once when some callers bring a refused token and others bring none', async () => {
    stored.set('s', issued('t1', minuteMs));
    await Promise.all([accessTokens.get('s'), accessTokens.get('s', 't1'), accessTokens.get('s', 't0')]);
    expect(refreshed).toHaveLength(1);
  });

  it('asks for sign-in when nothing is stored, and then asks the tenant nothing', async () => {
    await expect(accessTokens.get('s')).rejects.toThrow(SignInRequired);
    await expect(accessTokens.get('s', 't1')).rejects.toThrow(SignInRequired);
    expect(refreshed).toEqual([]);
  });

  it.each([new TenantUnavailable('away'), new SignInRequired({ endsSession: true })])(
    'passes a failed renewal on to all who wait, and tries again for the next: %s',
    async (failure) => {
      stored.set('s', issued('t1', 0));
      renew = () => Promise.reject(failure);
      const outcomes = await twenty(() => accessTokens.get('s').catch((error: unknown) => error));
      expect(new Set(outcomes)).toEqual(new Set([failure]));
      expect(refreshed).toHaveLength(1);
      expect(stored.get('s')?.accessToken.token).toBe('t1');
      renew = async () => issued('t2');
      expect(await accessTokens.get('s')).toBe('t2');
    },
  );

  it('renews for each session by itself', async () => {
    stored.set('a', issued('ta', 0));
    stored.set('b', issued('tb', 0));
    const [a, b] = await Promise.all([accessTokens.get('a'), accessTokens.get('b')]);
    expect([a, b]).toEqual(['renewed from cache of ta', 'renewed from cache of tb']);
  });

  it('lets one session fail without the other', async () => {
    stored.set('a', issued('ta', 0));
    stored.set('b', issued('tb', 0));
    const away = new TenantUnavailable('away');
    renew = async (cache) => (cache === 'cache of ta' ? Promise.reject(away) : issued('new tb'));
    const outcomes = await Promise.allSettled([accessTokens.get('a'), accessTokens.get('b')]);
    expect(outcomes).toEqual([
      { status: 'rejected', reason: away },
      { status: 'fulfilled', value: 'new tb' },
    ]);
  });

  it('does not bring back a session that ended during the renewal', async () => {
    stored.set('s', issued('t1', 0));
    renew = async () => {
      stored.delete('s');
      return issued('t2');
    };
    await accessTokens.get('s');
    expect(stored.size).toBe(0);
  });

  it('keeps nothing of its own between calls', async () => {
    stored.set('s', issued('t1'));
    await accessTokens.get('s');
    stored.delete('s');
    await expect(accessTokens.get('s')).rejects.toThrow(SignInRequired);
  });
});
