import { chmod, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { parse } from 'dotenv';
import { CommandError, exitCodes } from '../entra/terminal/CommandError.ts';
import { envFileText } from '../runtime/envFile.ts';

/** New values by name; undefined clears a value. */
export type EnvChanges = Readonly<Record<string, string | undefined>>;

/** A value has to be changed by hand. The message says which and why. */
export class EnvFileProblem extends CommandError {
  override readonly name = 'EnvFileProblem';
  readonly exitCode = exitCodes.notDone;
}

/** Groups: everything before the value, the name, the value, and the rest of the line with any comment. */
const assignment =
  /^(\s*(?:export\s+)?([\w.-]+)(?:[^\S\n]*=[^\S\n]*|:[^\S\n]+))('[^'\n]*'|"[^"\n]*"|`[^`\n]*`|[^'"`#\n][^#\n]*?|)(\s*(?:#[^\n]*)?\n?)$/;

/** A file of settings, such as `.env`. */
export class EnvFile {
  readonly #path: string;
  readonly #say: (message: string) => void;

  /** @param say tells the developer that others can no longer read the file */
  constructor(path: string, say: (message: string) => void = () => {}) {
    this.#path = path;
    this.#say = say;
  }

  /** The settings in the file; none if it does not exist. @throws {SettingsError} if it is there but gives none */
  async read(): Promise<Readonly<Record<string, string>>> {
    return parse((await this.#text()) ?? '');
  }

  /**
   * Changes values and nothing else. Replaces the file in one step, so that it is complete at any time.
   * Only the owner may read the file afterwards, because it has secrets.
   * @throws {EnvFileProblem} if a name occurs twice or its value spans several lines; nothing is changed then
   */
  async change(changes: EnvChanges): Promise<void> {
    const before = await this.#text();
    const after = changedText(before ?? '', changes);
    if (before !== undefined) await this.#makePrivate();
    if (after !== before && !(before === undefined && after === '')) await this.#replace(after, before !== undefined);
  }

  async #text(): Promise<string | undefined> {
    try {
      return envFileText(await readFile(this.#path));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #makePrivate(): Promise<void> {
    // On Windows, the mode does not show the access rights.
    if (process.platform === 'win32') return;
    const { mode } = await stat(this.#path);
    if ((mode & 0o077) === 0) return;
    await chmod(this.#path, mode & 0o700);
    this.#say('.env has secrets, and other users of this machine could read it. Now only its owner can.');
  }

  async #replace(text: string, isThere: boolean): Promise<void> {
    // Replace the target of a symbolic link, not the link.
    const path = isThere ? await realpath(this.#path) : this.#path;
    const next = `${path}.${process.pid}.new`;
    const file = await open(next, 'wx', 0o600);
    try {
      await file.writeFile(text);
      if (isThere) await file.chmod((await stat(path)).mode & 0o777);
      await file.sync();
      await file.close();
      await rename(next, path);
    } catch (error) {
      await file.close().catch(() => {});
      await rm(next, { force: true });
      throw error;
    }
  }
}

/**
 * Changes values in the text. Other lines, comments and line ends stay. New values are appended; a cleared value leaves
 * its name, which counts as not set.
 * @throws {EnvFileProblem}
 */
export function changedText(text: string, changes: EnvChanges): string {
  const lines = text.split(/(?<=\n)/).filter((line) => line !== '');
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const before = parse(text);
  for (const [name, value] of Object.entries(changes)) {
    const [line, ...others] = lines.filter((each) => assignment.exec(each)?.[2] === name);
    if (others.length > 0) throw new EnvFileProblem(`${name} occurs twice in .env: remove one of the lines.`);
    if (line !== undefined) lines[lines.indexOf(line)] = changedLine(line, written(value));
    else if (name in before) throw inTheWay(name);
    else if (value !== undefined)
      lines.push(`${lines.at(-1)?.endsWith('\n') === false ? end : ''}${name}=${written(value)}${end}`);
  }
  const changed = lines.join('');
  checkMeaning(before, parse(changed), changes);
  return changed;
}

function changedLine(line: string, value: string): string {
  return line.replace(assignment, (_line, start: string, _name, _value, rest = '') => `${start}${value}${rest}`);
}

/** Quotes a value if dotenv would not read it back unchanged: it trims, cuts at `#` and removes three kinds of quotes. */
function written(value = ''): string {
  if (/^[^\s#'"`]*$/.test(value)) return value;
  const quote = ["'", '"', '`'].find((candidate) => !value.includes(candidate)) ?? '';
  return `${quote}${value}${quote}`;
}

/** Asserts that dotenv reads the new values, and all others unchanged. A value over several lines can hide a name. */
function checkMeaning(before: EnvChanges, after: EnvChanges, changes: EnvChanges): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(changes)])) {
    const wanted = name in changes ? changes[name] : before[name];
    if ((after[name] ?? '') === (wanted ?? '')) continue;
    throw inTheWay(name);
  }
}

function inTheWay(name: string): EnvFileProblem {
  return new EnvFileProblem(
    `${name} in .env cannot be changed because of its quotes, or of a value over several lines. Change it by hand.`,
  );
}
