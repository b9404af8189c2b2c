import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Api, startApi } from '../api/apiHarness.ts';

const secondMs = 1_000;
const hourMs = 3_600 * secondMs;
let api: Api;
let nowMs: number;

beforeEach(async () => {
  nowMs = 0;
  api = await startApi({ now: () => nowMs });
});

afterEach(() => api.stop());

const list = (token = api.token()) => api.call('GET', '/api/todolist', { token });
const status = async (token?: string) => (await list(token)).status;
const many = <Value>(count: number, make: (index: number) => Value) =>
  Array.from({ length: count }, (_, at) => make(at));
const fetches = () => api.tenant.requests.filter((path) => path.endsWith('/keys')).length;
const troubles = () => api.logLines.filter((line) => line.includes('signing keys cannot be fetched'));

function expectUnavailable(answer: Answer) {
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('5');
  expect(answer.headers).not.toHaveProperty('www-authenticate');
  expect(answer.headers['content-type']).toContain('application/problem+json');
  for (const inside of ['127.0.0.1', 'ciamlogin', 'keys']) expect(answer.text).not.toContain(inside);
}

describe('a new signing key', () => {
  it('B-39 100 concurrent requests fetch the first keys once', async () => {
    const token = api.token();
    expect(await Promise.all(many(100, () => status(token)))).toEqual(many(100, () => 200));
    expect(fetches()).toBe(1);
  });

  it('B-39 100 concurrent requests fetch a newly rotated key once, and the old key stays valid', async () => {
    const old = api.token();
    expect(await status(old)).toBe(200);
    await api.tenant.rotate();
    const token = api.token();
    expect(await Promise.all(many(100, (index) => status(index % 2 ? token : old)))).toEqual(many(100, () => 200));
    expect(fetches()).toBe(2);
  });

  it('B-39 a withdrawn key is refused once the cached keys are ten minutes old', async () => {
    const old = api.token();
    expect(await status(old)).toBe(200);
    await api.tenant.rotate();
    api.tenant.keys.shift();
    nowMs += 600 * secondMs;
    expect(await status(old)).toBe(401);
    expect(await status()).toBe(200);
  });
});

describe('unknown keys', () => {
  const flood = () => Promise.all(many(100, (index) => status(api.token({}, { kid: `unknown ${index}` }))));

  it('B-40 a flood of unknown kids gets 401 and causes one fetch in five seconds, while valid tokens pass', async () => {
    expect(await status()).toBe(200);
    const expectedFetches = [2, 2, 3, 3, 4];
    for (const expected of expectedFetches) {
      const [unknown, valid] = await Promise.all([flood(), Promise.all(many(20, () => status()))]);
      expect(unknown).toEqual(many(100, () => 401));
      expect(valid).toEqual(many(20, () => 200));
      expect(fetches()).toBe(expected);
      nowMs += 2.5 * secondMs;
    }
  });

  it('B-40 a malformed kid is refused and causes at most one fetch', async () => {
    expect(await status()).toBe(200);
    for (const kid of [
      '',
      '__proto__',
      'constructor',
      5,
      null,
      true,
      [api.tenant.key.kid],
      { toString: 'x' },
      'x'.repeat(9_000),
    ])
      expect(await status(api.token({}, { kid }))).toBe(401);
    expect(fetches()).toBeLessThanOrEqual(2);
  });

  it('B-40 B-41 a flood while the tenant is unavailable neither overloads the tenant nor locks out valid tokens', async () => {
    expect(await status()).toBe(200);
    api.tenant.mood = 'away';
    const before = fetches();
    expect(new Set(await flood())).toEqual(new Set([503]));
    expect(await Promise.all(many(20, () => status()))).toEqual(many(20, () => 200));
    expect(new Set(await flood())).toEqual(new Set([503]));
    expect(fetches()).toBe(before + 1);
    expect(troubles()).toHaveLength(1);
  });
});

describe.each(['away', 'redirect', 500, 429, 404] as const)('while the tenant’s key endpoint answers %s', (mood) => {
  it('B-41 keys fetched just before stay valid', async () => {
    expect(await status()).toBe(200);
    api.tenant.mood = mood;
    expect(await status()).toBe(200);
    expect(fetches()).toBe(1);
  });

  it('B-41 keys up to 24 hours old stay valid, which is logged once; older keys are refused until the tenant recovers', async () => {
    const token = api.token();
    expect(await status(token)).toBe(200);
    api.tenant.mood = mood;
    for (const age of [hourMs, 12 * hourMs, 24 * hourMs - 1]) {
      nowMs = age;
      expect(await status(token)).toBe(200);
    }
    expect(troubles()).toHaveLength(1);
    nowMs = 24 * hourMs;
    expectUnavailable(await list(token));
    api.tenant.mood = 'well';
    nowMs += 5 * secondMs;
    expect(await status(token)).toBe(200);
  });

  it('B-41 without keys every token, valid or forged, gets 503, never 401 or 200', async () => {
    api.tenant.mood = mood;
    const forged = api.token().replace(/.{9}$/, 'AAAAAAAAA');
    for (const token of [api.token(), forged, api.token({ exp: 1 }), api.token({}, { kid: 'unknown' })])
      expectUnavailable(await list(token));
    expect(fetches()).toBe(1);
    api.tenant.mood = 'well';
    nowMs += 5 * secondMs;
    expect(await status()).toBe(200);
    expect(await status(forged)).toBe(401);
  });
});
