import { describe, expect, test } from 'vitest';
import { TokenEndpointError } from '../../../src/entra/msalNetwork.ts';
import type { HttpClient } from '../../../src/runtime/httpClient.ts';
import { TokenCallPace } from '../../../src/web/auth/TokenCallPace.ts';

/** A clock that stands still but when the test moves it. */
class HeldClock {
  #now = 5_000;
  /** When each wait ends, with what it wakes. */
  readonly waits: { readonly endsAt: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wait(ms: number): Promise<void> {
    return new Promise((wake) => this.waits.push({ endsAt: this.#now + ms, wake }));
  }

  /** Moves on, wakes who is due, and lets everything run that follows from it. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.waits.filter(({ endsAt }) => endsAt <= this.#now);
    for (const wait of due) this.waits.splice(this.waits.indexOf(wait), 1);
    for (const { wake } of due) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A pace on a held clock, with the calls that it let through. */
function start(perSecond: number, http?: HttpClient) {
  const clock = new HeldClock();
  const made: { readonly name: string; readonly at: number }[] = [];
  const answering: HttpClient = {
    async request({ body = '' }) {
      made.push({ name: body, at: clock.now() });
      return { status: 200, headers: {}, body: `answer to ${body}` };
    },
  };
  const pace = new TokenCallPace(http ?? answering, perSecond, clock);
  const call = (name: string) => pace.request({ method: 'POST', url: 'https://tenant.example/token', body: name });
  /** Makes some calls at once. @returns how each ended, as far as it has */
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
  return { clock, made, call, callAll };
}

const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe('calls of the token endpoint', () => {
  test('F25 are made at once up to the pace, and the others in their order as seconds pass', async () => {
    const { clock, made, callAll } = start(15);
    callAll(1, 40);
    await clock.pass(0);
    expect(made.map(({ name }) => name)).toEqual(names(1, 15));
    await clock.pass(999);
    expect(made).toHaveLength(15);
    await clock.pass(1);
    expect(made.map(({ name }) => name)).toEqual(names(1, 30));
    await clock.pass(1_000);
    expect(made.map(({ name }) => name)).toEqual(names(1, 40));
  });

  test('F25 are never more than the pace within any second, however they come', async () => {
    const { clock, made, callAll } = start(15);
    for (const [first, pauseMs] of [[1, 700] as const, [11, 350] as const, [21, 600] as const, [31, 3_000] as const]) {
      callAll(first, first + 9);
      await clock.pass(0);
      for (let passed = 0; passed < pauseMs; passed += 50) await clock.pass(50);
    }
    expect(made.map(({ name }) => name)).toEqual(names(1, 40));
    for (const { at } of made) {
      expect(made.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThanOrEqual(15);
    }
  });

  test('F25 that find fifty waiting end at once with when to try again, and those that wait are made', async () => {
    const { clock, made, callAll } = start(15);
    const ends = callAll(1, 66);
    await clock.pass(0);
    const refused = ends.filter((end) => end instanceof TokenEndpointError);
    expect(refused).toEqual([expect.objectContaining({ kind: 'unavailable', retryAfterSeconds: 4 })]);
    for (let second = 0; second < 4; second += 1) await clock.pass(1_000);
    expect(made.map(({ name }) => name)).toEqual(names(1, 65));
    expect(made.every(({ at }) => at - 5_000 <= 8_000)).toBe(true);
  });

  test.each([
    [1, 8, 5],
    [3, 24, 5],
    [49, 50, 2],
    [100, 50, 1],
  ])('F25 of %i a second wait in a queue of %i, and are told %i s', async (perSecond, queue, retryAfterSeconds) => {
    const { clock, made, callAll } = start(perSecond);
    const ends = callAll(1, perSecond + queue + 1);
    await clock.pass(0);
    expect(ends.filter((end) => end instanceof TokenEndpointError)).toEqual([
      expect.objectContaining({ retryAfterSeconds }),
    ]);
    for (let second = 0; second < 8; second += 1) await clock.pass(1_000);
    expect(made).toHaveLength(perSecond + queue);
  });

  test('F25 of customers who are signed in come before sign-ins, and find room when strangers have filled their own', async () => {
    const { clock, made, call, callAll } = start(2);
    const ends = callAll(1, 19);
    const renewals = [call('grant_type=refresh_token&n=1'), call('n=2&grant_type=refresh_token')];
    await clock.pass(0);
    expect(ends.filter((end) => end instanceof TokenEndpointError)).toHaveLength(1);
    await clock.pass(1_000);
    expect((await Promise.all(renewals)).map(({ status }) => status)).toEqual([200, 200]);
    await clock.pass(1_000);
    expect(made.map(({ name }) => name)).toEqual([
      ...['1', '2', 'grant_type=refresh_token&n=1', 'n=2&grant_type=refresh_token', '3', '4'],
    ]);
  });

  test('F25 get their own answers, and one that fails holds up nobody', async () => {
    const failing: HttpClient = { request: ({ body }) => Promise.reject(new Error(`no ${body}`)) };
    const { clock, call } = start(1, failing);
    const [first, second] = [call('1'), call('2')];
    const firstEnds = expect(first).rejects.toThrow('no 1');
    const secondEnds = expect(second).rejects.toThrow('no 2');
    await clock.pass(1_000);
    await Promise.all([firstEnds, secondEnds]);
    const { call: callAgain } = start(1);
    expect((await callAgain('3')).body).toBe('answer to 3');
  });

  test('F25 leave no timer behind when none waits', async () => {
    const { clock, callAll } = start(2);
    callAll(1, 2);
    await clock.pass(0);
    expect(clock.waits).toHaveLength(0);
    callAll(3, 3);
    await clock.pass(0);
    expect(clock.waits).toHaveLength(1);
    await clock.pass(1_000);
    expect(clock.waits).toHaveLength(0);
    await clock.pass(60_000);
    expect(clock.waits).toHaveLength(0);
  });
});
