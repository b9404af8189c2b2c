import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import type { System } from '../support/system.ts';
import { expectUnchanged as expectTodoUnchanged, formHeaders, startWithTodo } from '../web/oneTodo.ts';

let system: System;
let alice: Browser;
let token: string;
beforeAll(async () => {
  ({ system, alice } = await startWithTodo());
});
afterAll(() => system.stop());
beforeEach(async () => {
  await alice.goto(`${system.webUrl}/todos`);
  token = alice.form('Add').fields._csrf ?? '';
});

const expectUnchanged = () => expectTodoUnchanged(system.webUrl, alice);

describe('the body of a form', () => {
  const expectUnread = async (headers: Readonly<Record<string, string>>, body: string | Buffer, status: number) => {
    const page = await alice.goto(`${system.webUrl}/todos`, { method: 'POST', headers, body });
    expect([page.status, page.headers.get('cache-control')]).toEqual([status, 'no-store']);
    expect(alice.text()).toContain('Go to the home page');
    expect(page.html).not.toContain('Forged');
    await expectUnchanged();
  };

  test.each([
    ['text/plain', () => `_csrf=${token}&description=Forged`],
    ['application/json', () => JSON.stringify({ _csrf: token, description: 'Forged' })],
    [
      'multipart/form-data; boundary=x',
      () => `--x\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n${token}\r\n--x--`,
    ],
    ['application/x-www-form-urlencoded-not', () => `_csrf=${token}&description=Forged`],
    ['application/xml', () => '<description>Forged</description>'],
    ['', () => `_csrf=${token}&description=Forged`],
  ])('A-70 of the type "%s" is not parsed, even with a valid token', async (type, body) => {
    await expectUnread({ 'content-type': type }, body(), 415);
  });

  test.each([
    [{}, 'x'.repeat(10 * 1024 + 1), 413],
    [{}, 'a=b&'.repeat(21), 413],
    [{ 'content-encoding': 'gzip' }, gzipSync('x'.repeat(1_000_000)), 415],
    [{ 'content-encoding': 'gzip' }, 'not gzip', 415],
    [{ 'content-encoding': 'br, gzip' }, 'not gzip', 415],
    [{ 'content-encoding': 'evil' }, 'a=b', 415],
    [{ 'content-type': 'application/x-www-form-urlencoded; charset=utf-7' }, 'a=b', 415],
    [{ 'content-type': 'application/x-www-form-urlencoded; charset=<script>' }, 'a=b', 415],
  ])(
    'A-86 that is too long, compressed or in an unknown charset is not parsed: %j (%#)',
    async (headers, body, status) => {
      await expectUnread(formHeaders(headers), body, status);
    },
  );

  test('A-86 in endless chunks is cut off at the same length', async () => {
    const headers = formHeaders({ 'transfer-encoding': 'chunked' });
    await expectUnread(headers, `description=${'x'.repeat(100 * 1024)}`, 413);
  });

  test('A-85 A-89 cannot change the template’s options or an object’s prototype', async () => {
    const hostile = {
      'constructor.prototype.evil': '1',
      'settings[view options][client]': '1',
      '__proto__[evil]': '1',
      delimiter: 'x',
      customerName: 'Mallory',
      _csrf: token,
    };
    const body = `${new URLSearchParams(hostile)}&__proto__=evil&constructor=evil&toString=evil&description=`;
    const page = await alice.goto(`${system.webUrl}/todos`, { method: 'POST', headers: formHeaders(), body });
    expect([page.status, page.html.includes('Mallory')]).toEqual([400, false]);
    expect(alice.text()).toContain('Write what there is to do.');
    expect(Object.hasOwn(Object.prototype, 'evil')).toBe(false);
    await expectUnchanged();
  });
});
