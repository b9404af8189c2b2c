import { expect, test, vi } from 'vitest';
import { LastGood } from '../../src/runtime/LastGood.ts';

/** Reads what `read` gives next, on a clock that the test moves. */
function setUp(read = vi.fn(async () => 'good')) {
  const clock = { now: 0 };
  const onFailure = vi.fn();
  const pauses = { freshMs: 60_000, retryMs: 1_000, longestRetryMs: 3_000 };
  return { read, clock, onFailure, lastGood: new LastGood({ read, onFailure, ...pauses, now: () => clock.now }) };
}

test('callers at the same time share one read', async () => {
  const { read, lastGood } = setUp();
  await Promise.all([lastGood.refreshIfDue(), lastGood.refresh(), lastGood.refreshOnDemand(1_000)]);
  expect([read.mock.calls.length, lastGood.value]).toEqual([1, 'good']);
});

test('a fresh value is not read again', async () => {
  const { read, clock, lastGood } = setUp();
  await lastGood.refreshIfDue();
  clock.now = 59_999;
  await lastGood.refreshIfDue();
  expect(read).toHaveBeenCalledTimes(1);
  clock.now = 60_000;
  await lastGood.refreshIfDue();
  expect(read).toHaveBeenCalledTimes(2);
});

test('the last good value stays while reads fail, with pauses that double up to the longest', async () => {
  const { read, clock, lastGood } = setUp();
  await lastGood.refreshIfDue();
  read.mockRejectedValue(new Error('away'));
  clock.now = 60_000;
  await lastGood.refreshIfDue();
  const readAt: number[] = [];
  for (let reads = 2; clock.now < 70_000; clock.now += 500) {
    await lastGood.refreshIfDue();
    if (read.mock.calls.length === reads) continue;
    readAt.push(clock.now);
    reads += 1;
  }
  expect(readAt).toEqual([61_000, 63_000, 66_000, 69_000]);
  expect([lastGood.value, lastGood.failure?.message]).toEqual(['good', 'away']);
});

test('a failure is reported once, and again when it becomes another or comes back', async () => {
  const { read, onFailure, lastGood } = setUp();
  for (const message of ['away', 'away', 'broken', undefined, 'broken']) {
    if (message === undefined) read.mockResolvedValueOnce('good');
    else read.mockRejectedValueOnce(new Error(message));
    await lastGood.refresh();
  }
  expect(onFailure.mock.calls.map(([{ message }]) => message)).toEqual(['away', 'broken', 'broken']);
});

test('a flood of demands causes one read per pause', async () => {
  const { read, clock, lastGood } = setUp();
  for (clock.now = 0; clock.now < 3_000; clock.now += 100) await lastGood.refreshOnDemand(1_000);
  expect(read).toHaveBeenCalledTimes(3);
});
