import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, startApi } from '../api/apiHarness.ts';
import { expectRefused } from '../api/expectRefused.ts';

/** The clock stands still at a whole second, so that the limits are exact. */
const now = 1_795_000_000;
let api: Api;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: now * 1_000 });
  api = await startApi();
});

afterEach(() => void vi.setSystemTime(now * 1_000));

afterAll(async () => {
  vi.useRealTimers();
  await api.stop();
});

const status = async (token: string) => (await api.call('GET', '/api/todolist', { token })).status;

describe('exp', () => {
  it.each([3_600, 1, 0, -1, -30, -59])('B-14 %i seconds from now is accepted', async (seconds) => {
    expect(await status(api.token({ exp: now + seconds }))).toBe(200);
  });

  it.each([-60, -61, -3_600])('B-13 %i seconds from now is refused as expired', async (seconds) => {
    await expectRefused(api, api.token({ exp: now + seconds }), 'expired');
  });

  it('B-13 a token is accepted until its expiry plus the tolerance, then refused', async () => {
    const token = api.token({ exp: now + 100 });
    vi.setSystemTime((now + 159) * 1_000);
    expect(await status(token)).toBe(200);
    vi.setSystemTime((now + 160) * 1_000);
    await expectRefused(api, token, 'expired');
  });

  it.each([-1, 0, -1e300, 1.5])('B-13 %d, long past, is refused as expired', async (exp) => {
    await expectRefused(api, api.token({ exp }), 'expired');
  });

  it.each([undefined, null, '', String(now + 3_600), true, [now + 3_600], { valueOf: now + 3_600 }])(
    'B-13 %j is refused',
    (exp) => expectRefused(api, api.token({ exp })),
  );
});

describe('nbf', () => {
  it.each([-300, 0, 30, 60])('B-15 %i seconds from now is accepted', async (seconds) => {
    expect(await status(api.token({ nbf: now + seconds }))).toBe(200);
  });

  it.each([61, 300])('B-15 %i seconds from now is refused', (seconds) =>
    expectRefused(api, api.token({ nbf: now + seconds })),
  );

  it.each([null, String(now), [now]])('B-15 %j is refused', (nbf) => expectRefused(api, api.token({ nbf })));
});

describe('iat', () => {
  it.each([-300, 0, 30, 60])('B-16 %i seconds from now is accepted', async (seconds) => {
    expect(await status(api.token({ iat: now + seconds }))).toBe(200);
  });

  it.each([61, 600])('B-16 %i seconds from now is refused', (seconds) =>
    expectRefused(api, api.token({ iat: now + seconds })),
  );

  it.each([undefined, null, String(now), [now]])('B-16 %j is refused', (iat) => expectRefused(api, api.token({ iat })));
});
