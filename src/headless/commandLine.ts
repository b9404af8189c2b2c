import { type ParseArgsConfig, parseArgs } from 'node:util';
import { parseTodoId } from '../models/todo.ts';
import { exitCodes, HeadlessError } from './errors.ts';

/** The arguments ask for nothing that can be done. */
export class UsageError extends HeadlessError {
  override readonly name = 'UsageError';
  readonly exitCode = exitCodes.wrongUse;
}

/** What the customer asks for. */
export type Command = Inquiry | Task;

/** A question about the app itself, which needs no settings. */
export type Inquiry = { readonly name: 'help' } | { readonly name: 'version' };

export type Task =
  | { readonly name: 'list' | 'add lines' | 'claims' | 'sign-out' }
  | { readonly name: 'sign-in'; readonly way: 'code' | 'browser' }
  | { readonly name: 'add'; readonly text: string }
  | { readonly name: 'change'; readonly id: number; readonly text: string }
  | { readonly name: 'remove'; readonly id: number };

/** For people, or for programs: JSON. */
export type Format = 'text' | 'json';

const options = {
  browser: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

const commandNames = ['sign-in', 'list', 'add', 'change', 'remove', 'claims', 'sign-out', 'help'] as const;

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
    Say a to-do in other words.
todo remove <number>
    Remove a to-do.
todo claims
    Show what the tenant says about you.
todo sign-out
    Forget you on this machine.

Options
    --json     answer in JSON
    --help     show this
    --version  show the version

Examples
    todo add Buy milk
    todo add - < list.txt
    todo add -- -5 degrees: heat the car
    todo list --json

Ends with 0 done, 1 not done,
2 wrong use, 3 code expired,
4 sign-in declined, 5 not signed in,
6 tenant or API away, 130 interrupted.
`;

/**
 * Reads the arguments after the program's name.
 * @throws {UsageError} with what is meant, as far as that can be guessed.
 */
export function readCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  const [name, ...rest] = positionals;
  if (name === undefined) throw new UsageError(`Say what to do, such as: todo list. ${allCommands}`);
  if (values.browser && name !== 'sign-in') throw new UsageError('--browser belongs to sign-in alone.');
  return commandOf(name, rest, values.browser ? 'browser' : 'code');
}

/** In which form to answer, also where the rest of the arguments is wrong. */
export function readFormat(args: readonly string[]): Format {
  const { values } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
  return values.json === true ? 'json' : 'text';
}

const allCommands = 'All commands: todo --help';

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node's message goes on with advice for one who writes the parser.
    const [problem = ''] = error instanceof Error ? error.message.split('. ') : [];
    const given = /'(--?[^' =]+)/.exec(problem)?.[1] ?? '';
    const meant = closest(
      given,
      Object.keys(options).map((option) => `--${option}`),
    );
    const text = 'A text that begins with - goes after --, as in: todo add -- -5 degrees';
    throw new UsageError(`${problem}. ${meant ? `Did you mean ${meant}?` : text}`);
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
      return nothingAfter(others, { name, id: idOf(first, name) });
    case 'sign-in':
      return nothingAfter(rest, { name, way });
    case 'list':
    case 'claims':
    case 'sign-out':
    case 'help':
      return nothingAfter(rest, { name });
  }
  const meant = closest(name, commandNames);
  throw new UsageError(`There is no command "${name}". ${meant ? `Did you mean ${meant}?` : allCommands}`);
}

function nothingAfter(rest: readonly string[], command: Command): Command {
  if (rest.length === 0) return command;
  throw new UsageError(`"${rest.join(' ')}" is too much after ${command.name}. ${allCommands}`);
}

function textOf(words: readonly string[], before: string): string {
  if (words.length === 0) throw new UsageError(`Say what there is to do, such as: todo ${before} Buy milk`);
  // As the API stores it.
  return words.join(' ').trim();
}

function idOf(text: string, command: string): number {
  const id = parseTodoId(text);
  if (id !== undefined) return id;
  throw new UsageError(`Say which to-do by its number, such as: todo ${command} 12. Numbers: todo list`);
}

/** The name that a few slips of the hand make of `given`, if there is one. */
function closest(given: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, slips: slipsBetween(given, name) }))
    .sort((one, other) => one.slips - other.slips);
  return best && best.slips <= 2 ? best.name : undefined;
}

/** How many characters must be put in, left out or replaced to make one word of the other (Levenshtein's distance). */
function slipsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from.slice(0, 40)].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
