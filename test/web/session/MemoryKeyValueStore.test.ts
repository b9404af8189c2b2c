import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { KeyValueStore } from '../../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';

const bytes = Buffer.from('bytes');
const other = Buffer.from('other');

describe('MemoryKeyValueStore', () => {
  it('expires values by the clock, to the millisecond', async () => {
    let nowMs = 1_000;
    const records = new MemoryKeyValueStore(() => nowMs);
    await records.create('k', bytes, 60);
    nowMs += 59_999;
    await records.replace('k', other);
    expect(await records.get('k')).toEqual(other);
    nowMs += 1;
    expect(await records.get('k')).toBeUndefined();
    expect(await records.replace('k', other)).toBe(false);
    await records.expire(['k'], 60);
    expect(await records.get('k')).toBeUndefined();
    expect(await records.create('k', bytes, 60)).toBe(true);
  });

  it('keeps a set for the lifetime of its latest member, whichever is removed', async () => {
    let nowMs = 0;
    const records = new MemoryKeyValueStore(() => nowMs);
    await records.add('k', 'a', 60, 10);
    nowMs = 30_000;
    await records.add('k', 'b', 60, 10);
    await records.remove('k', ['b']);
    nowMs = 89_999;
    expect(await records.members('k', 10)).toEqual(['a']);
    nowMs = 90_000;
    expect(await records.members('k', 10)).toEqual([]);
  });

  it('extends a lifetime from now on', async () => {
    let nowMs = 0;
    const records = new MemoryKeyValueStore(() => nowMs);
    await records.create('k', bytes, 60);
    nowMs = 30_000;
    await records.expire(['k'], 60);
    nowMs = 89_999;
    expect(await records.get('k')).toEqual(bytes);
    nowMs = 90_000;
    expect(await records.get('k')).toBeUndefined();
  });

  it('releases the memory of expired values', async () => {
    let nowMs = 0;
    const records = new MemoryKeyValueStore(() => nowMs);
    const held: WeakRef<Buffer>[] = [];
    await fill(records, held);
    nowMs = 61_000;
    await records.create('one more', bytes, 60);
    await collectGarbage();
    expect(held.filter((reference) => reference.deref()).length).toBe(0);
  });
});

async function fill(records: KeyValueStore, held: WeakRef<Buffer>[]): Promise<void> {
  for (let index = 0; index < 100; index += 1) {
    const value = Buffer.alloc(100_000);
    held.push(new WeakRef(value));
    await records.create(`k${index}`, value, 1);
  }
}

/** Collects garbage now, so that the test sees what is still referenced. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node does not expose gc');
  // A WeakRef keeps its target until the end of the task that dereferenced it.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}
