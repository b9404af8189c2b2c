import { afterEach, describe, expect, test, vi } from 'vitest';
import { Output, type OutputOptions } from '../../src/headless/Output.ts';

afterEach(() => {
  vi.useRealTimers();
});

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
    isUtf8: true,
    ...options,
  });
  return { output, out: () => out.join(''), err: () => err.join('') };
}

const todos = [
  { label: '3', text: 'Buy milk' },
  { label: '12', text: 'Water the plants on the balcony before it gets hot' },
];
const page = 'https://contoso.ciamlogin.com/common/oauth2/deviceauth';
const linesOf = (text: string) => text.split('\n').slice(0, -1);

describe('results', () => {
  test('go to standard output, messages and failures to standard error', () => {
    const { output, out, err } = watched({});
    output.result(todos, todos);
    output.message('Nothing to do.');
    output.failure('NotDone', 'It was not done.');
    expect(out()).toBe('3   Buy milk\n12  Water the plants on the balcony before it gets hot\n');
    expect(err()).toBe('Nothing to do.\nIt was not done.\n');
  });

  test('are wrapped between words on 40 columns, and hang below their text', () => {
    const { output, out } = watched({ columns: 40 });
    output.result(todos, todos);
    expect(out()).toBe('3   Buy milk\n12  Water the plants on the balcony\n    before it gets hot\n');
  });

  test('have long labels above them on 40 columns, beside them on 80', () => {
    const rows = [
      { label: 'preferred_username', text: 'alice@example.com' },
      { label: 'ver', text: '2.0' },
    ];
    const [narrow, wide] = [watched({ columns: 40 }), watched({})];
    for (const { output } of [narrow, wide]) output.result({}, rows);
    expect(narrow.out()).toBe('preferred_username\n  alice@example.com\nver\n  2.0\n');
    expect(wide.out()).toBe('preferred_username  alice@example.com\nver                 2.0\n');
  });

  test('stand in one line each where no terminal is', () => {
    const { output, out } = watched({ isTTY: false, columns: 40 });
    output.result([], [{ label: '1', text: 'word '.repeat(90).trim() }]);
    expect(linesOf(out())).toHaveLength(1);
  });

  test('have bold labels on a terminal that may be styled, and nowhere else', () => {
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
    ['a turned direction of writing', 'abc\u202ecod.exe\u2066', 'abc\\u202ecod.exe\\u2066'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['an invisible tag', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
    ['half of a character', 'a\ud800b', 'a\\ud800b'],
  ])('show %s spelt out, as text and in JSON', (_what, given, shown) => {
    const [text, json] = [watched({}), watched({ format: 'json' })];
    text.output.result({}, [{ label: given, text: given }]);
    expect(text.out()).toBe(`${shown}  ${shown}\n`);
    json.output.result({ given }, []);
    expect(json.out().slice(0, -1)).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}]+$/u);
    expect(JSON.parse(json.out())).toEqual({ given });
  });

  test('keep other scripts and joined emoji', () => {
    const { output, out } = watched({});
    output.result({}, [{ text: 'Молоко 牛乳 شیر می‌خرم 👩‍👧' }]);
    expect(out()).toBe('Молоко 牛乳 شیر می‌خرم 👩‍👧\n');
  });
});

describe('with JSON', () => {
  test('a value is one line on standard output, and what is for people is left out', () => {
    const { output, out, err } = watched({ format: 'json' });
    output.event({ event: 'code' }, [{ text: 'Enter it.' }]);
    output.result({ event: 'signedIn' }, [{ text: 'Signed in.' }]);
    output.message('Nothing to do.');
    output.qrCode(page);
    output.countdown(Date.now() + 60_000)();
    expect(linesOf(out()).map((line) => JSON.parse(line))).toEqual([{ event: 'code' }, { event: 'signedIn' }]);
    expect(err()).toBe('');
  });

  test('a failure is an object on standard error', () => {
    const { output, out, err } = watched({ format: 'json' });
    output.failure('CodeExpired', 'The code has expired.\nAsk for another.');
    expect(out()).toBe('');
    expect(JSON.parse(err())).toEqual({ error: 'CodeExpired', message: 'The code has expired.\nAsk for another.' });
  });
});

describe('the QR code', () => {
  test('is drawn where it fits, with its own colours where those are welcome', () => {
    const [plain, styled] = [watched({ columns: 40 }), watched({ isStyled: true })];
    for (const { output } of [plain, styled]) output.qrCode(page);
    expect(linesOf(plain.err())).toHaveLength(19);
    for (const line of linesOf(plain.err())) expect(line).toMatch(/^[█▀▄ ]{37}$/);
    const drawn = linesOf(plain.err()).map((line) => `\u001b[97m\u001b[40m${line}\u001b[49m\u001b[39m`);
    expect(linesOf(styled.err())).toEqual(drawn);
  });

  test.each([
    ['a narrow terminal', { columns: 36 }],
    ['a file', { isTTY: false }],
    ['a terminal without UTF-8', { isUtf8: false }],
  ])('is left out on %s', (_where, options) => {
    const { output, out, err } = watched(options);
    output.qrCode(page);
    expect(out() + err()).toBe('');
  });
});

describe('the countdown', () => {
  test('rewrites one line each second and leaves nothing of it', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    const { output, err } = watched({ columns: 40 });
    const end = output.countdown(Date.now() + 600_500);
    vi.advanceTimersByTime(2_000);
    end();
    vi.advanceTimersByTime(5_000);
    const texts = [
      'Waiting, 10:01 left. Ctrl-C ends.',
      'Waiting, 10:00 left. Ctrl-C ends.',
      'Waiting, 9:59 left. Ctrl-C ends. ',
    ];
    expect(err()).toBe(`${texts.map((text) => `\r${text}`).join('')}\r${' '.repeat(32)}\r`);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(40);
  });

  test('never goes below zero', () => {
    const { output, err } = watched({});
    output.countdown(Date.now() - 60_000)();
    expect(err()).toContain('Waiting, 0:00 left.');
  });

  test('is one line with the time of the end where no terminal is', () => {
    const { output, err } = watched({ isTTY: false });
    output.countdown(Date.parse('2026-03-01T12:15:00Z'))();
    expect(err()).toBe('Waiting until 2026-03-01T12:15:00Z.\n');
  });
});
