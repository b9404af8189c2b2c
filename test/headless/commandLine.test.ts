import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/entra/terminal/CommandError.ts';
import { helpText, readCommandLine, readFormat } from '../../src/headless/commandLine.ts';

describe('the command line', () => {
  test.each([
    [['sign-in'], { name: 'sign-in', way: 'code' }],
    [['sign-in', '--browser'], { name: 'sign-in', way: 'browser' }],
    [['--browser', 'sign-in', '--json'], { name: 'sign-in', way: 'browser' }],
    [['list'], { name: 'list' }],
    [['add', 'Buy milk'], { name: 'add', text: 'Buy milk' }],
    [['add', 'Buy', 'milk'], { name: 'add', text: 'Buy milk' }],
    [['add', '-'], { name: 'add lines' }],
    [['add', '-', 'milk'], { name: 'add', text: '- milk' }],
    [['add', '--', '-5', 'degrees', '--json'], { name: 'add', text: '-5 degrees --json' }],
    [['change', '12', ' Buy', 'oat milk '], { name: 'change', id: 12, text: 'Buy oat milk' }],
    [['remove', '12'], { name: 'remove', id: 12 }],
    [['claims', '--json'], { name: 'claims' }],
    [['sign-out'], { name: 'sign-out' }],
    [['help'], { name: 'help' }],
    [['-h'], { name: 'help' }],
    [['add', '--help'], { name: 'help' }],
    [['--version'], { name: 'version' }],
  ])('%j is understood', (args, command) => {
    expect(readCommandLine(args)).toEqual(command);
  });

  test.each([
    [[], 'Say what to do, such as: todo list. All commands: todo --help'],
    [['lst'], 'There is no command "lst". Did you mean list?'],
    [['lsit'], 'There is no command "lsit". Did you mean list?'],
    [['chnge'], 'There is no command "chnge". Did you mean change?'],
    [['signin'], 'There is no command "signin". Did you mean sign-in?'],
    [['frobnicate'], 'There is no command "frobnicate". All commands: todo --help'],
    [['constructor'], 'There is no command "constructor". All commands: todo --help'],
    [['list', '--jsn'], "Unknown option '--jsn'. Did you mean --json?"],
    [['add', '-5', 'degrees'], "Unknown option '-5'. Put -- before text that begins with -: todo add -- -5 degrees"],
    [['list', '--json=yes'], "Option '--json' does not take an argument"],
    [['list', '--browser'], '--browser works with sign-in only.'],
    [['list', 'all'], 'Unexpected "all" after list. All commands: todo --help'],
    [['sign-in', 'alice'], 'Unexpected "alice" after sign-in.'],
    [['remove', '1', '2'], 'Unexpected "2" after remove.'],
    [['add'], 'Say what there is to do, such as: todo add Buy milk'],
    [['change', '12'], 'Say what there is to do, such as: todo change 12 Buy milk'],
    [['change', 'milk', 'oat'], "Give the to-do's number, such as: todo change 12."],
    [['remove'], "Give the to-do's number, such as: todo remove 12."],
    [['remove', '0'], "Give the to-do's number"],
    [['remove', '1e3'], "Give the to-do's number"],
  ])('%j is refused, with what was probably meant', (args, message) => {
    const refused = () => readCommandLine(args);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(message);
  });

  test('a word of any length is refused at once', () => {
    expect(() => readCommandLine(['x'.repeat(100_000)])).toThrow(UsageError);
  });

  test.each([
    [['list', '--json'], 'json'],
    [['list', '--jsn', '--json'], 'json'],
    [['--json'], 'json'],
    [['list'], 'text'],
    [['add', '--', '--json'], 'text'],
  ])('%j is answered in the format it asks for, valid or not', (args, format) => {
    expect(readFormat(args)).toBe(format);
  });

  test('the help fits 40 columns and names every command and exit code', () => {
    for (const line of helpText.split('\n')) expect(line.length, line).toBeLessThanOrEqual(40);
    for (const name of ['sign-in', 'list', 'add', 'change', 'remove', 'claims', 'sign-out']) {
      expect(helpText).toContain(`todo ${name}`);
    }
    for (const code of [0, 1, 2, 3, 4, 5, 6, 130]) expect(helpText).toMatch(new RegExp(`\\b${code}\\b`));
  });
});
