import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from '../entra/terminal/CommandError.ts';
import type { Format } from '../entra/terminal/Output.ts';
import { parseTodoId } from '../models/todo.ts';

export type Command = Inquiry | Task;

/** A question about the app itself, which needs no settings. */
export type Inquiry = { readonly name: 'help' } | { readonly name: 'version' };

export type Task =
  | { readonly name: 'list' | 'add lines' | 'claims' | 'sign-out' }
  | { readonly name: 'sign-in'; readonly way: 'code' | 'browser' }
  | { readonly name: 'add'; readonly text: string }
  | { readonly name: 'change'; readonly id: number; readonly text: string }
  | { readonly name: 'remove'; readonly id: number };

const options = {
  browser: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

const commandNames = ['sign-in', 'list', 'add', 'change', 'remove', 'claims', 'sign-out', 'help'];

/** Shown by `--help`; no line is longer than 40 characters. */
export const helpText = `Your to-dos, in the terminal.

todo sign-in
    Sign in with a code, on any device.
todo sign-in --browser
    Sign in with this machine's browser.
todo list
    Show your to-dos with their numbers.
todo add <text>
    Add a to-do.
todo add -
    Add a to-do for each line of input.
todo change <number> <text>
    Change the text of a to-do.
todo remove <number>
    Remove a to-do.
todo claims
    Show what the tenant says about you.
todo sign-out
    Forget your sign-in on this machine.

Options
    --json     answer in JSON
    --help     show this help
    --version  show the version

Examples
    todo add Buy milk
    todo add - < list.txt
    todo add -- -5 degrees: heat the car
    todo list --json

Exit codes
    0    done
    1    not done
    2    wrong use
    3    code expired
    4    sign-in declined
    5    not signed in
    6    tenant or API unavailable
    130  interrupted
`;

/**
 * Reads the arguments after the program's name.
 * @throws {UsageError} with what was probably meant
 */
export function readCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name, ...rest] = positionals;
  if (name === undefined) throw new UsageError(`Say what to do, such as: todo list. ${allCommands}`);
  if (values.browser && name !== 'sign-in') throw new UsageError('--browser works with sign-in only.');
  return commandOf(name, rest, values.browser ? 'browser' : 'code');
}

/** The format to answer in, even when the other arguments are wrong. */
export function readFormat(args: readonly string[]): Format {
  const { values } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
  return values.json === true ? 'json' : 'text';
}

const allCommands = 'All commands: todo --help';

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // The rest of Node's message is advice for the programmer.
    const [problem = ''] = error instanceof Error ? error.message.split('. ') : [];
    const [, given = ''] = /'--([^' =]+)/.exec(problem) ?? [];
    const meant = closest(given, Object.keys(options));
    const advice = meant ? `Did you mean --${meant}?` : 'Put -- before text that begins with -: todo add -- -5 degrees';
    throw new UsageError(`${problem}. ${advice}`);
  }
}

function commandOf(name: string, rest: readonly string[], way: 'code' | 'browser'): Command {
  const [first = '', ...others] = rest;
  switch (name) {
    case 'add':
      return rest.length === 1 && first === '-' ? { name: 'add lines' } : { name, text: textOf(rest, 'add') };
    case 'change':
      return { name, id: idOf(first, name), text: textOf(others, 'change 12') };
    case 'remove':
      return withoutMore(others, { name, id: idOf(first, name) });
    case 'sign-in':
      return withoutMore(rest, { name, way });
    case 'list':
    case 'claims':
    case 'sign-out':
    case 'help':
      return withoutMore(rest, { name });
  }
  const meant = closest(name, commandNames);
  throw new UsageError(`There is no command "${name}". ${meant ? `Did you mean ${meant}?` : allCommands}`);
}

function withoutMore(rest: readonly string[], command: Command): Command {
  if (rest.length === 0) return command;
  throw new UsageError(`Unexpected "${rest.join(' ')}" after ${command.name}. ${allCommands}`);
}

function textOf(words: readonly string[], before: string): string {
  if (words.length === 0) throw new UsageError(`Say what there is to do, such as: todo ${before} Buy milk`);
  // Trimmed, as the API stores it.
  return words.join(' ').trim();
}

function idOf(text: string, command: string): number {
  const id = parseTodoId(text);
  if (id !== undefined) return id;
  throw new UsageError(`Give the to-do's number, such as: todo ${command} 12. To see the numbers: todo list`);
}

/** The name that `given` is a misspelling of, if any. */
function closest(given: string, names: readonly string[]): string | undefined {
  const within = (edits: number) => names.find((name) => isMisspelling(given, name, edits));
  return within(1) ?? within(2);
}

/** Whether one text becomes the other by inserting, leaving out or replacing at most so many characters. */
function isMisspelling(one: string, other: string, edits: number): boolean {
  if (Math.abs(one.length - other.length) > edits) return false;
  if (one === other) return true;
  const [shorterOne, shorterOther] = [one.slice(1), other.slice(1)];
  if (one[0] === other[0]) return isMisspelling(shorterOne, shorterOther, edits);
  return (
    edits > 0 &&
    (isMisspelling(shorterOne, shorterOther, edits - 1) ||
      isMisspelling(shorterOne, other, edits - 1) ||
      isMisspelling(one, shorterOther, edits - 1))
  );
}
