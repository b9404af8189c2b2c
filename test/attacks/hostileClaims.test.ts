import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryRecords } from '../../src/web/session/records.ts';
import { recordKey, sealRecord } from '../../src/web/session/seal.ts';
import type { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';

const records = new MemoryRecords();
let system: System;
let alice: Browser;
let ofAlice: Record<string, string>;
beforeAll(async () => {
  system = await startSystem({}, records);
  alice = await system.signedIn('alice@example.com');
  await alice.goto(`${system.webUrl}/users/id`);
  const cells = alice.page.html.matchAll(/<code>([^<]+)<\/code><\/th>\s*<td role="cell"><code>([^<]*)</g);
  ofAlice = Object.fromEntries([...cells].map(([, name, value = '']) => [name, value]));
});
afterAll(() => system.stop());

/** The claims page of a customer whose verified ID token said this besides; JSON, as only that can hold every name. */
async function pageWith(claims: string): Promise<string> {
  const { iss, sub, oid, tid } = ofAlice;
  const sessionId =
    decodeURIComponent(alice.cookies.get('session')?.value ?? '')
      .slice(2)
      .split('.')[0] ?? '';
  const record = JSON.parse(`${JSON.stringify({ iss, sub, oid, tid }).slice(0, -1)},${claims.slice(1)}`);
  expect(await records.replace(recordKey('claims', sessionId), sealRecord('claims', sessionId, record))).toBe(true);
  const page = await alice.goto(`${system.webUrl}/users/id`);
  expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return page.html;
}

const nested = (depth: number) => `${'{"in":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('the claims page', () => {
  test.each([
    ['an object', '{"extra":{"a":1}}', '{"a":1}'],
    ['an object that cannot become text by itself', '{"extra":{"toString":1,"valueOf":null}}', '{"toString":1,'],
    ['an object that says how to be JSON', '{"extra":{"toJSON":"x"}}', '{"toJSON":"x"}'],
    ['a list', '{"extra":["a",[1,null]]}', '["a",[1,null]]'],
    ['a number', '{"extra":-1.5e300}', '-1.5e+300'],
    ['true', '{"extra":true}', 'true'],
    ['null', '{"extra":null}', 'null'],
    ['an object 50 deep', `{"extra":${nested(50)}}`, '{"in":{"in":'],
    ['a time that is no time', '{"exp":1e300,"iat":"<b>"}', '1e+300'],
    ['an object for a name', '{"name":{"a":"b"},"email":["x"],"preferred_username":{"toString":1}}', '["x"]'],
  ])('A-83 shows %s as text', async (_kind, claims, shown) => {
    await pageWith(claims);
    expect(alice.text()).toContain(shown);
    expect(alice.page.html).not.toContain('[object Object]');
  });

  test('A-84 shows claims that have the names of built-in properties, and changes no object by them', async () => {
    const html = await pageWith(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"t","hasOwnProperty":"h"}',
    );
    // `__proto__` itself is dropped when the record is read.
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(html).toContain(`<code>${name}</code></th>`);
    }
    expect('polluted' in {}).toBe(false);
  });

  test('A-84 shows 300 claims, and one without a name', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`extra_${index}`, index]));
    const html = await pageWith(JSON.stringify({ ...many, '': 'nameless' }));
    expect(html.match(/<code>extra_\d+<\/code><\/th>/g)).toHaveLength(300);
    expect(alice.text()).toContain('nameless');
  });

  test.each(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'-alert(1)-'", '<%= 7*7 %>', '{{7*7}}'])(
    'A-81 A-83 shows %s in names, values and what is nested in them, and never as markup',
    async (text) => {
      const html = await pageWith(
        JSON.stringify({ [text]: text, nested: { [text]: [text] }, name: text, email: text }),
      );
      expect(html).not.toMatch(/<script|<img src=x|<%|<[^>]*\son\w+=|>49</);
      expect(alice.text()).toContain(text);
      expect(html.match(/<input/g)).toHaveLength(1);
    },
  );
});
