import { expect, test } from 'vitest';
import { visibleText } from '../../src/runtime/visibleText.ts';

test.each([
  ['an escape sequence', '\u001b[2J', '\\u001b[2J'],
  ['a line break', 'a\nb', 'a\\u000ab'],
  ['a C1 control', 'a\u009b2Kb', 'a\\u009b2Kb'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ['a change of direction', 'a\u202eb', 'a\\u202eb'],
  ['half of a character', 'a\ud800b', 'a\\ud800b'],
  ['an invisible tag', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
])('%s is written as a JSON escape', (_name, text, visible) => {
  expect(visibleText(text)).toBe(visible);
});

test.each(['Größe, 大小, גודל', '👩‍👩‍👧', 'می‌خواهم'])('%s stays as it is', (text) => {
  expect(visibleText(text)).toBe(text);
});

test('JSON stays JSON with the same value', () => {
  const value = { text: 'a\u0085\u2029\u202e\u{e0041}\ud800"\\b' };
  expect(JSON.parse(visibleText(JSON.stringify(value)))).toEqual(value);
});
