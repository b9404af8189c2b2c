import { describe, expect, test } from 'vitest';
import { NotDone } from '../../../src/entra/terminal/CommandError.ts';
import { Output, type OutputOptions } from '../../../src/entra/terminal/Output.ts';

/** Streams that keep what is written to them. */
function watched({
  isTTY = true,
  columns = 80,
  ...options
}: { isTTY?: boolean; columns?: number } & Partial<OutputOptions>) {
  const [out, err]: [string[], string[]] = [[], []];
  const output = new Output({
    stdout: { isTTY, columns, write: (text) => out.push(text) },
    stderr: { isTTY, columns, write: (text) => err.push(text) },
    format: 'text',
    isStyled: false,
    ...options,
  });
  return { output, out: () => out.join(''), err: () => err.join('') };
}

const todos = [
  { label: '3', text: 'Buy milk' },
  { label: '12', text: 'Water the plants on the balcony before it gets hot' },
];
const linesOf = (text: string) => text.split('\n').slice(0, -1);

describe('results', () => {
  test('go to standard output, messages and failures to standard error', () => {
    const { output, out, err } = watched({});
    output.result(todos, todos);
    output.message('Nothing to do.');
    output.failure(new NotDone('It was not done.'));
    expect(out()).toBe('3   Buy milk\n12  Water the plants on the balcony before it gets hot\n');
    expect(err()).toBe('Nothing to do.\nIt was not done.\n');
  });

  test('are wrapped between words on 40 columns and indented below their text', () => {
    const { output, out } = watched({ columns: 40 });
    output.result(todos, todos);
    expect(out()).toBe('3   Buy milk\n12  Water the plants on the balcony\n    before it gets hot\n');
  });

  test('have long labels above the text on 40 columns, beside it on 80', () => {
    const rows = [
      { label: 'preferred_username', text: 'alice@example.com' },
      { label: 'ver', text: '2.0' },
    ];
    const [narrow, wide] = [watched({ columns: 40 }), watched({})];
    for (const { output } of [narrow, wide]) output.result({}, rows);
    expect(narrow.out()).toBe('preferred_username\n  alice@example.com\nver\n  2.0\n');
    expect(wide.out()).toBe('preferred_username  alice@example.com\nver                 2.0\n');
  });

  test('are one line each when there is no terminal', () => {
    const { output, out } = watched({ isTTY: false, columns: 40 });
    output.result([], [{ label: '1', text: 'word '.repeat(90).trim() }]);
    expect(linesOf(out())).toHaveLength(1);
  });

  test('keep the indentation of their lines on a terminal', () => {
    const { output, out } = watched({ columns: 40 });
    output.result({}, ['todo list', '    Show your to-dos with their numbers, if there are any.']);
    expect(out()).toBe('todo list\n    Show your to-dos with their numbers,\nif there are any.\n');
  });

  test('have bold labels only on a terminal that may show styles', () => {
    const bold = '\u001b[1m3\u001b[22m';
    const [styled, plain, file] = [{ isStyled: true }, {}, { isStyled: true, isTTY: false }].map(watched);
    for (const shown of [styled, plain, file]) shown?.output.result([], todos);
    expect(styled?.out()).toContain(bold);
    expect(plain?.out()).not.toContain('\u001b');
    expect(file?.out()).not.toContain('\u001b');
  });

  test.each([
    ['an escape sequence', '\u001b[2J\u001b]0;title\u0007', '\\u001b[2J\\u001b]0;title\\u0007'],
    ['an escape sequence in its C1 form', '\u009b2J', '\\u009b2J'],
    ['carriage return, line feed and backspace', 'a\r\n\bb', 'a\\u000d\\u000a\\u0008b'],
    ['a change of text direction', 'abc\u202ecod.exe\u2066', 'abc\\u202ecod.exe\\u2066'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['an invisible tag', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
    ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
  ])('show %s as an escape, in text and in JSON', (_what, given, shown) => {
    const [text, json] = [watched({}), watched({ format: 'json' })];
    text.output.result({}, [{ label: given, text: given }]);
    expect(text.out()).toBe(`${shown}  ${shown}\n`);
    json.output.result({ given }, []);
    expect(json.out().slice(0, -1)).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}]+$/u);
    expect(JSON.parse(json.out())).toEqual({ given });
  });

  test('keep other scripts and joined emoji', () => {
    const { output, out } = watched({});
    output.result({}, 'Молоко 牛乳 شیر می‌خرم 👩‍👧');
    expect(out()).toBe('Молоко 牛乳 شیر می‌خرم 👩‍👧\n');
  });
});

describe('with JSON', () => {
  test('a value is one line on standard output, and messages for people are left out', () => {
    const { output, out, err } = watched({ format: 'json' });
    output.event({ event: 'code' }, 'Enter it.');
    output.result({ event: 'signedIn' }, 'Signed in.');
    output.message('Nothing to do.');
    expect(linesOf(out()).map((line) => JSON.parse(line))).toEqual([{ event: 'code' }, { event: 'signedIn' }]);
    expect(err()).toBe('');
  });

  test('a failure is an object on standard error', () => {
    const { output, out, err } = watched({ format: 'json' });
    output.failure({ name: 'CodeExpired', message: 'The code has expired.\nAsk for another.' });
    expect(out()).toBe('');
    expect(JSON.parse(err())).toEqual({ error: 'CodeExpired', message: 'The code has expired.\nAsk for another.' });
  });
});

describe('the screen', () => {
  test.each([
    ['a terminal', {}, true],
    ['a file', { isTTY: false }, false],
    ['JSON', { format: 'json' } as const, false],
  ])('exists only on a terminal that shows text: %s', (_where, options, isThere) => {
    expect(watched(options).output.screen !== undefined).toBe(isThere);
  });
});
