import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/web/session/MemoryKeyValueStore.ts';
import { recordKey, sealRecord } from '../../../src/web/session/seal.ts';
import { changedObjects, changedTexts, headerTexts, jsonObjects } from '../../support/arbitraries.ts';
import { type SessionApp, startSessionApp } from './sessionApp.ts';

const records = new MemoryKeyValueStore();
let app: SessionApp;
let cookie: string;
let value: string;
beforeAll(async () => {
  app = await startSessionApp({ records });
  cookie = await app.begin('Alice');
  value = cookie.slice('session='.length);
});
afterAll(() => app.stop());

/** The id that a cookie names and its signature; percent-encoding has several spellings. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

describe('a browser is signed out', () => {
  it('with any cookie that the app did not set', async () => {
    const cookies = fc.oneof(
      headerTexts(200),
      headerTexts(200).map((text) => `session=${text}`),
      fc.webQueryParameters(),
    );
    await fc.assert(
      fc.asyncProperty(cookies, async (header) => (await app.whoIs(header)) === undefined),
      { numRuns: 300 },
    );
  });

  it('with a cookie that was changed in any way', async () => {
    const cookies = changedTexts(value, fc.stringMatching(/^[\w%.~-]{0,8}$/));
    const check = async (changed: string) =>
      decoded(changed) === decoded(value) || (await app.whoIs(`session=${changed}`)) === undefined;
    await fc.assert(fc.asyncProperty(cookies, check), { numRuns: 300 });
    expect(await app.whoIs(cookie)).toBe('Alice');
  });

  it('if its record is any bytes, or is sealed but has another shape', async () => {
    const session = { customer: { oid: 'o', name: 'Bob' }, signedInAt: Date.now(), seenAt: Date.now(), csrfToken: 'c' };
    const id = /^s:([\w-]+)\./.exec(decoded(value))?.[1] ?? '';
    const key = recordKey('session', id);
    const sealed = fc
      .oneof(jsonObjects(), changedObjects(session))
      .map((record) => sealRecord('session', id, JSON.stringify(record)));
    const contents = fc.oneof(
      sealed,
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    );
    const check = async (content: Buffer) => {
      await records.delete([key]);
      await records.create(key, content, 60);
      // A change that makes no difference still leaves Bob's session; none is an error.
      expect(['undefined', 'string']).toContain(typeof (await app.whoIs(cookie)));
    };
    await fc.assert(fc.asyncProperty(contents, check), { numRuns: 300 });
  });
});
