import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TokenEndpointError } from '../../../src/entra/msalNetwork.ts';
import type { HttpClient } from '../../../src/runtime/httpClient.ts';
import { TokenCallPace } from '../../../src/web/auth/TokenCallPace.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A pace, with the calls that it let through. */
function start(perSecond: number, http?: HttpClient) {
  const made: { readonly name: string; readonly at: number }[] = [];
  const answering: HttpClient = {
    async request({ body = '' }) {
      made.push({ name: body, at: Date.now() });
      return { status: 200, headers: {}, body: `answer to ${body}` };
    },
  };
  const pace = new TokenCallPace(http ?? answering, perSecond);
  const call = (name: string) => pace.request({ method: 'POST', url: 'https://tenant.example/token', body: name });
  /** Makes some calls at once. @returns how those that are done have ended */
  const callAll = (from: number, to: number) => {
    const ends: (string | TokenEndpointError)[] = [];
    for (let number = from; number <= to; number += 1) {
      call(String(number)).then(
        ({ body }) => ends.push(body),
        (error) => ends.push(error),
      );
    }
    return ends;
  };
  return { made, call, callAll };
}

const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe('requests to the token endpoint', () => {
  test('F25 are sent at once up to the limit, and the rest in order as seconds pass', async () => {
    const { made, callAll } = start(15);
    callAll(1, 40);
    await pass(0);
    expect(made.map(({ name }) => name)).toEqual(names(1, 15));
    await pass(999);
    expect(made).toHaveLength(15);
    await pass(1);
    expect(made.map(({ name }) => name)).toEqual(names(1, 30));
    await pass(1_000);
    expect(made.map(({ name }) => name)).toEqual(names(1, 40));
  });

  test('F25 never exceed the limit within any second, however they arrive', async () => {
    const { made, callAll } = start(15);
    for (const [first, pauseMs] of [[1, 700] as const, [11, 350] as const, [21, 600] as const, [31, 3_000] as const]) {
      callAll(first, first + 9);
      await pass(0);
      for (let passed = 0; passed < pauseMs; passed += 50) await pass(50);
    }
    expect(made.map(({ name }) => name)).toEqual(names(1, 40));
    for (const { at } of made) {
      expect(made.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThanOrEqual(15);
    }
  });

  test('F25 fail at once with a time to retry when fifty are waiting, and the waiting ones are sent', async () => {
    const { made, callAll } = start(15);
    const ends = callAll(1, 66);
    await pass(0);
    const refused = ends.filter((end) => end instanceof TokenEndpointError);
    expect(refused).toEqual([expect.objectContaining({ kind: 'unavailable', retryAfterSeconds: 4 })]);
    for (let second = 0; second < 4; second += 1) await pass(1_000);
    expect(made.map(({ name }) => name)).toEqual(names(1, 65));
    expect(made.every(({ at }) => at <= 8_000)).toBe(true);
  });

  test.each([
    [1, 8, 5],
    [3, 24, 5],
    [49, 50, 2],
    [100, 50, 1],
  ])(
    'F25 with a limit of %i a second wait in a queue of %i, and the next is told to retry in %i s',
    async (perSecond, queue, retryAfterSeconds) => {
      const { made, callAll } = start(perSecond);
      const ends = callAll(1, perSecond + queue + 1);
      await pass(0);
      expect(ends.filter((end) => end instanceof TokenEndpointError)).toEqual([
        expect.objectContaining({ retryAfterSeconds }),
      ]);
      for (let second = 0; second < 8; second += 1) await pass(1_000);
      expect(made).toHaveLength(perSecond + queue);
    },
  );

  test('F25 that renew go before sign-ins, and have a queue of their own when strangers fill the other', async () => {
    const { made, call, callAll } = start(2);
    const ends = callAll(1, 19);
    const renewals = [call('grant_type=refresh_token&n=1'), call('n=2&grant_type=refresh_token')];
    await pass(0);
    expect(ends.filter((end) => end instanceof TokenEndpointError)).toHaveLength(1);
    await pass(1_000);
    expect((await Promise.all(renewals)).map(({ status }) => status)).toEqual([200, 200]);
    await pass(1_000);
    expect(made.map(({ name }) => name)).toEqual([
      ...['1', '2', 'grant_type=refresh_token&n=1', 'n=2&grant_type=refresh_token', '3', '4'],
    ]);
  });

  test('F25 get their own answers, and a failed one does not hold up the others', async () => {
    const failing: HttpClient = { request: ({ body }) => Promise.reject(new Error(`no ${body}`)) };
    const { call } = start(1, failing);
    const [first, second] = [call('1'), call('2')];
    const firstEnds = expect(first).rejects.toThrow('no 1');
    const secondEnds = expect(second).rejects.toThrow('no 2');
    await pass(1_000);
    await Promise.all([firstEnds, secondEnds]);
    const { call: callAgain } = start(1);
    expect((await callAgain('3')).body).toBe('answer to 3');
  });

  test('F25 leave no timer behind when none is waiting', async () => {
    const { callAll } = start(2);
    callAll(1, 2);
    await pass(0);
    expect(vi.getTimerCount()).toBe(0);
    callAll(3, 3);
    await pass(0);
    expect(vi.getTimerCount()).toBe(1);
    await pass(1_000);
    expect(vi.getTimerCount()).toBe(0);
    await pass(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
