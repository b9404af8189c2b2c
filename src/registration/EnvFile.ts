import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { parse } from 'dotenv';

/** What to write: a text, or undefined to take the value away. */
export type EnvChanges = Readonly<Record<string, string | undefined>>;

/** A line cannot be changed without a person. The message says which and why. */
export class EnvFileProblem extends Error {
  override readonly name = 'EnvFileProblem';
}

/** What comes before the value, the name, the value, and what comes after it: a comment and the line's end. */
const assignment =
  /^(\s*(?:export\s+)?([\w.-]+)(?:[^\S\n]*=[^\S\n]*|:[^\S\n]+))('[^'\n]*'|"[^"\n]*"|`[^`\n]*`|[^'"`#\n][^#\n]*?|)(\s*(?:#[^\n]*)?\n?)$/;

/** A text file of settings. */
export class EnvFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The settings in it; none when there is no file. */
  async read(): Promise<Readonly<Record<string, string>>> {
    return parse((await this.#text()) ?? '');
  }

  /**
   * Changes values and nothing else. The file is replaced in one step, so that there is always a whole one.
   * Made new, its owner alone may read it.
   * @throws {EnvFileProblem} when a value to change stands twice, or over several lines; nothing was changed then
   */
  async change(changes: EnvChanges): Promise<void> {
    const before = await this.#text();
    const after = changedText(before ?? '', changes);
    if (after !== before && !(before === undefined && after === '')) await this.#replace(after, before !== undefined);
  }

  async #text(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #replace(text: string, isThere: boolean): Promise<void> {
    // A link stays a link: what it leads to is replaced.
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
 * The text with values changed: other lines, comments, their order and their ends stay. A value that is not there yet is
 * appended; one that is taken away leaves its name, which counts as not set.
 * @throws {EnvFileProblem}
 */
export function changedText(text: string, changes: EnvChanges): string {
  const lines = text.split(/(?<=\n)/).filter((line) => line !== '');
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const before = parse(text);
  for (const [name, value] of Object.entries(changes)) {
    const [line, ...others] = lines.filter((each) => assignment.exec(each)?.[2] === name);
    if (others.length > 0) throw new EnvFileProblem(`${name} stands twice: remove one of the lines.`);
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

/** As dotenv reads it back: it cuts at `#`, trims, and takes quotes of three kinds away. */
function written(value = ''): string {
  if (/^[^\s#'"`]*$/.test(value)) return value;
  const quote = ["'", '"', '`'].find((candidate) => !value.includes(candidate)) ?? '';
  return `${quote}${value}${quote}`;
}

/** Whatever stands in the file, dotenv must read the new values and the same for the rest: a value over several lines may hide a name. */
function checkMeaning(before: EnvChanges, after: EnvChanges, changes: EnvChanges): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(changes)])) {
    const wanted = name in changes ? changes[name] : before[name];
    if ((after[name] ?? '') === (wanted ?? '')) continue;
    throw inTheWay(name);
  }
}

function inTheWay(name: string): EnvFileProblem {
  return new EnvFileProblem(
    `${name} cannot be changed: quotes, or a value over several lines, are in the way. Change it by hand.`,
  );
}
