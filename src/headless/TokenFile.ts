import { constants, type Stats } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, posix, win32 } from 'node:path';
import type { Environment } from '../runtime/settings.ts';
import { NotDone, NotSignedIn } from './errors.ts';
import { FileLock } from './FileLock.ts';
import type { SignedIn } from './PublicAuthProvider.ts';
import { parseSignIn, serializeSignIn, type TokenOwner } from './storedSignIn.ts';

const maxBytes = 1024 * 1024;
/** On Windows both are missing: its access lists, not modes, guard the folder of the customer's profile. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

export interface TokenFileOptions {
  readonly path: string;
  /** Who must own the file; undefined: not checked, as on Windows. Default: who runs this process. */
  readonly uid?: number | undefined;
}

/**
 * Where the sign-in is kept: in the clear, readable by its customer alone, as other command-line tools do.
 * @see https://learn.microsoft.com/entra/msal/javascript/node/caching
 */
export class TokenFile {
  readonly #path: string;
  readonly #uid: number | undefined;
  readonly #lock: FileLock;

  constructor(options: TokenFileOptions) {
    this.#path = options.path;
    this.#uid = 'uid' in options ? options.uid : process.getuid?.();
    this.#lock = new FileLock(`${options.path}.lock`);
  }

  /** @returns undefined when there is no file. @throws {NotSignedIn} when it must not be used; the message says why */
  async read(owner: TokenOwner): Promise<SignedIn | undefined> {
    const text = await this.#text();
    if (text === undefined) return undefined;
    const { signedIn, problem } = parseSignIn(text, owner);
    return signedIn ?? this.#refuse(`${this.#path} ${problem}`);
  }

  /** Replaces the file as a whole or not at all. Call it within {@link TokenFile.locked}. @throws {NotDone} when it cannot be written */
  async write(owner: TokenOwner, signedIn: SignedIn): Promise<void> {
    await this.#try('written', () => this.#replace(serializeSignIn(owner, signedIn)));
  }

  /** Removes the file, usable or not. @returns whether there was one */
  async remove(): Promise<boolean> {
    return await this.#try('removed', async () => {
      // What a crash left of a write holds tokens too.
      await rm(this.#unfinished, { force: true });
      return await rm(this.#path).then(() => true, absent(false));
    });
  }

  /** Does the work while no other process of this app reads and replaces the file. @throws {NotDone} when one keeps doing so */
  async locked<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = await this.#try('locked', async () => {
      await this.#makeFolder();
      return await this.#lock.acquire();
    });
    try {
      return await work();
    } finally {
      await release();
    }
  }

  async #text(): Promise<string | undefined> {
    const folder = await this.#try('read', () => stat(dirname(this.#path)).catch(absent(undefined)));
    if (!folder) return undefined;
    const problem = this.#problemOf(folder, dirname(this.#path), 0o022);
    if (problem) this.#refuse(problem);
    const file = await this.#open();
    try {
      return file && (await this.#checkedText(file));
    } finally {
      await file?.close();
    }
  }

  /** A pipe in the file's place would block without O_NONBLOCK. */
  async #open(): Promise<FileHandle | undefined> {
    return await this.#try('read', async () => {
      try {
        return await open(this.#path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      } catch (error) {
        if (codeOf(error) === 'ELOOP') this.#refuse(`${this.#path} is a link`);
        return absent(undefined)(error);
      }
    });
  }

  /** What is checked is the file that was opened: another may stand under its name by now. */
  async #checkedText(file: FileHandle): Promise<string> {
    const stats = await file.stat();
    if (!stats.isFile()) this.#refuse(`${this.#path} is no file`);
    const problem = this.#problemOf(stats, this.#path, 0o077);
    if (problem) this.#refuse(problem);
    if (stats.size > maxBytes) this.#refuse(`${this.#path} is too large`);
    return await this.#try('read', () => file.readFile('utf8'));
  }

  #problemOf({ uid, mode }: Stats, path: string, forbidden: number): string | undefined {
    if (this.#uid === undefined) return undefined;
    if (uid !== this.#uid) return `${path} belongs to another user of this machine`;
    const shown = (mode & 0o777).toString(8);
    return mode & forbidden ? `${path} is open to other users of this machine (mode ${shown})` : undefined;
  }

  #refuse(problem: string): never {
    throw new NotSignedIn(`The stored sign-in is not used, because ${problem}. Sign in again.`);
  }

  get #unfinished(): string {
    return `${this.#path}.new`;
  }

  async #makeFolder(): Promise<void> {
    const folder = dirname(this.#path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const problem = this.#problemOf(await stat(folder), folder, 0o022);
    if (problem) throw new NotDone(`The sign-in is not stored, because ${problem}. Make it yours alone: chmod 700.`);
  }

  async #replace(content: string): Promise<void> {
    await rm(this.#unfinished, { force: true });
    try {
      const file = await open(this.#unfinished, 'wx', 0o600);
      // Without sync a power cut may leave an empty file under the final name.
      await file
        .writeFile(content)
        .then(() => file.sync())
        .finally(() => file.close());
      await rename(this.#unfinished, this.#path);
    } catch (error) {
      await rm(this.#unfinished, { force: true });
      throw error;
    }
  }

  async #try<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error;
      throw new NotDone(`${this.#path} cannot be ${what} (${code}). Check the folder and the disk.`);
    }
  }
}

/**
 * The file's usual place.
 * @param platform as `process.platform`
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function tokenFilePath(
  platform: NodeJS.Platform,
  { XDG_CONFIG_HOME, APPDATA }: Environment,
  home: string,
): string {
  const tail = ['entra-todo', 'tokens.json'];
  if (platform === 'win32') return win32.join(APPDATA || win32.join(home, 'AppData', 'Roaming'), ...tail);
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', ...tail);
  // The specification says to ignore a path that is not absolute.
  const isAbsolute = XDG_CONFIG_HOME !== undefined && posix.isAbsolute(XDG_CONFIG_HOME);
  return posix.join(isAbsolute ? XDG_CONFIG_HOME : posix.join(home, '.config'), ...tail);
}

/** The code of a failed system call, such as ENOSPC. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
}

function absent<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (codeOf(error) === 'ENOENT') return value;
    throw error;
  };
}
