import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../src/web/session/MemoryKeyValueStore.ts';
import { recordKey, sealRecord } from '../../src/web/session/seal.ts';
import { jsonObjects } from '../support/arbitraries.ts';
import type { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';

const records = new MemoryKeyValueStore();
let system: System;
let alice: Browser;
beforeAll(async () => {
  system = await startSystem({}, records);
  alice = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());

const identity = { iss: 'https://issuer.example', sub: 's', oid: 'o', tid: 't' };

/** Shows the claims page to Alice with these claims in her session. @param json the payload of a token */
async function show(json: string) {
  const sessionId = /^s%3A([\w-]+)\./.exec(alice.cookies.get('session')?.value ?? '')?.[1] ?? '';
  expect(await records.replace(recordKey('claims', sessionId), sealRecord('claims', sessionId, json))).toBe(true);
  const { status, html } = await alice.goto(`${system.webUrl}/users/id`);
  expect(status, json).toBe(200);
  const names = cells(html, /<th scope="row" role="rowheader"><code>([\s\S]*?)<\/code><\/th>/g);
  const values = cells(html, /<td role="cell">(?:<code>([\s\S]*?)<\/code>|\(empty\))<\/td>/g);
  expect(values.length).toBe(names.length);
  // Without the page's own tags only text is left: no claim became a tag.
  expect(new Set(html.match(/<\/?\w+/g))).toEqual(tags);
  return new Map(names.map((name, index) => [name, values[index]]));
}

let tags: Set<string>;
beforeAll(async () => {
  const { html } = await alice.goto(`${system.webUrl}/users/id`);
  tags = new Set([...(html.match(/<\/?\w+/g) ?? [])]);
});

function cells(html: string, cell: RegExp): string[] {
  return [...html.matchAll(cell)].map(([, content = '']) => {
    expect(content).not.toMatch(/[<>"']/);
    return content.replace(/&(amp|lt|gt|#39|#34);/g, (_, name) => entities[name] ?? '');
  });
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', '#39': "'", '#34': '"' };
const nested = `${'{"in":'.repeat(50)}"end"${'}'.repeat(50)}`;
const withExtra = (json: string) => `${JSON.stringify(identity).slice(0, -1)},"extra":${json}}`;

describe('the claims page', () => {
  test.each([
    ['an object', '{"a":{"b":1}}'],
    ['an array', '["a",1,null,[]]'],
    ['a number', '1.5'],
    ['a boolean', 'false'],
    ['null', 'null'],
    ['a value nested 50 deep', nested],
    ['an object that cannot be made a text', '{"toString":1}'],
    ['an object that names its own JSON', '{"toJSON":"x","valueOf":null}'],
    ['an object with a prototype', '{"__proto__":{"polluted":true}}'],
    ['markup', '["<script>alert(1)</script>","\\"><img src=x onerror=alert(1)>","<%= 1 %>","&lt;"]'],
  ])('A-83 shows %s as text', async (_kind, json) => {
    expect((await show(withExtra(json))).get('extra')).toBe(json);
  });

  test.each([
    ['text', '"<script>alert(1)</script>"', '<script>alert(1)</script>'],
    ['an attribute’s end', '"\\" onmouseover=\\"alert(1)"', '" onmouseover="alert(1)'],
    ['an empty text', '""', ''],
  ])('A-83 shows %s unchanged', async (_kind, json, text) => {
    expect((await show(withExtra(json))).get('extra')).toBe(text);
  });

  test.each([
    ['a time that is no time', { exp: 1e300, iat: '<b>' }, { exp: '1e+300', iat: '<b>' }],
    [
      'a name and an address that are no text',
      { name: { a: 'b' }, email: ['x'], preferred_username: { toString: 1 } },
      { name: '{"a":"b"}', email: '["x"]', preferred_username: '{"toString":1}' },
    ],
  ])('A-83 shows %s as text', async (_kind, claims, texts) => {
    const shown = await show(JSON.stringify({ ...identity, ...claims }));
    expect(Object.fromEntries(shown)).toMatchObject(texts);
  });

  test.each(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'-alert(1)-'", '<%= 7*7 %>', '{{7*7}}'])(
    'A-81 A-83 shows %s in names, values and nested values as text, never as markup',
    async (text) => {
      const nested = { [text]: [text] };
      const shown = await show(JSON.stringify({ ...identity, [text]: text, nested, name: text, email: text }));
      expect([shown.get(text), shown.get('nested'), shown.get('name')]).toEqual([text, JSON.stringify(nested), text]);
      expect(alice.page.html).not.toMatch(/<[^>]*\son\w+=/);
    },
  );

  test('A-84 shows claims named like built-in properties, without side effects', async () => {
    const names = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'settings', 'delimiter', '<b>'];
    const claims = Object.fromEntries(names.map((name) => [name, { polluted: true }]));
    const json = JSON.stringify({ ...identity, ...claims }).replace('{', '{"__proto__":{"polluted":true},');
    const shown = await show(json);
    for (const name of names) expect(shown.get(name)).toBe('{"polluted":true}');
    expect('polluted' in {}).toBe(false);
    expect((await show(withExtra('1'))).size).toBe(5);
  });

  test('A-84 shows 300 claims, including one without a name', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`claim_${index}`, index]));
    const shown = await show(JSON.stringify({ ...identity, ...many, '': 'nameless' }));
    expect([shown.size, shown.get('')]).toEqual([305, 'nameless']);
  });

  test('A-83 A-84 shows any claims, escaped', async () => {
    const check = async (claims: Record<string, unknown>) => {
      const given = new Map([...Object.entries(claims), ...Object.entries(identity)]);
      const shown = await show(JSON.stringify(Object.fromEntries(given)));
      expect(shown.get('oid')).toBe('o');
    };
    await fc.assert(fc.asyncProperty(jsonObjects(), check), { numRuns: 150 });
  });
});
