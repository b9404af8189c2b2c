import { constants, type Stats } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, posix, win32 } from 'node:path';
import { z } from 'zod';
import { tenantAuthority } from '../entra/authority.ts';
import type { IssuedTokens } from '../entra/issuedTokens.ts';
import { NotDone } from '../entra/terminal/CommandError.ts';
import { parseJson } from '../runtime/parseJson.ts';
import type { Environment } from '../runtime/settings.ts';
import { acquireFileLock } from './acquireFileLock.ts';
import type { HeadlessConfig } from './config.ts';
import { NotSignedIn } from './errors.ts';
import { systemCode, unless } from './systemErrors.ts';

const maxBytes = 1024 * 1024;
/** Windows has neither of the last two: there the access list of the customer's profile protects the folder. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** Tokens belong to one tenant, app and API. They are never sent to another one. */
type TokenOwner = Pick<HeadlessConfig, 'tenant' | 'clientId' | 'todoApiClientId' | 'todoApiUrl'>;

const version = 1;
const versioned = z.object({ version: z.literal(version) });

const storedTokens = z
  .object({
    origin: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    api: z.object({ clientId: z.string(), url: z.string() }).optional(),
    claims: z.looseObject({ iss: z.string(), sub: z.string(), oid: z.string(), tid: z.string() }),
    accessToken: z.object({ token: z.string().min(1), expiresAt: z.number() }),
    msalCache: z.string().min(1),
  })
  .refine(({ tenantId, claims }) => claims.tid === tenantId);

/**
 * Stores the customer's tokens unencrypted and readable by that user only, as other command-line tools do.
 * @see https://learn.microsoft.com/entra/msal/javascript/node/caching
 */
export class TokenFile {
  readonly #path: string;
  readonly #owner: TokenOwner;
  readonly #folder: string;
  /** What a write that was interrupted leaves behind; it holds tokens too. */
  readonly #unfinished: string;
  readonly #uid: number | undefined;

  /** @param uid the user id that must own the file; default: that of this process, which Windows does not have */
  constructor(path: string, owner: TokenOwner, uid = process.getuid?.()) {
    this.#path = path;
    this.#owner = owner;
    this.#folder = dirname(path);
    this.#unfinished = `${path}.new`;
    this.#uid = uid;
  }

  /** @returns undefined when there is no file. @throws {NotSignedIn} when it must not be used; the message says why */
  async read(): Promise<IssuedTokens | undefined> {
    const text = await this.#try('read', () => this.#text());
    if (text === undefined) return undefined;
    const { tokens, problem } = parseTokens(text, this.#owner);
    return tokens ?? refuse(`${this.#path} ${problem}`);
  }

  /** Replaces the file as a whole or not at all. Call it within {@link TokenFile.locked}. @throws {NotDone} when it cannot be written */
  async write(tokens: IssuedTokens): Promise<void> {
    await this.#try('written', () => this.#replace(serializeTokens(this.#owner, tokens)));
  }

  /** Removes the file, usable or not. @returns whether there was one */
  async remove(): Promise<boolean> {
    return await this.#try('removed', async () => {
      await rm(this.#unfinished, { force: true });
      return Boolean(await rm(this.#path).then(() => true, unless('ENOENT')));
    });
  }

  /** Does the work while no other process reads and replaces the file. @throws {NotDone} when one keeps the lock */
  async locked<Result>(work: () => Promise<Result>): Promise<Result> {
    const release = await this.#try('locked', async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const problem = this.#problemOf(await stat(this.#folder), this.#folder, 0o022);
      if (problem) throw new NotDone(`The sign-in cannot be stored: ${problem}. Make the folder private: chmod 700`);
      return await acquireFileLock(`${this.#path}.lock`);
    });
    try {
      return await work();
    } finally {
      await release();
    }
  }

  async #text(): Promise<string | undefined> {
    const folder = await stat(this.#folder).catch(unless('ENOENT'));
    if (!folder) return undefined;
    const problem = this.#problemOf(folder, this.#folder, 0o022);
    if (problem) refuse(problem);
    // Without O_NONBLOCK, a pipe in the file's place would block.
    const file = await open(this.#path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) =>
      systemCode(error) === 'ELOOP' ? refuse(`${this.#path} is a link`) : unless('ENOENT')(error),
    );
    if (!file) return undefined;
    try {
      // Of the opened file, because its name may lead to another one by now.
      const stats = await file.stat();
      if (!stats.isFile()) refuse(`${this.#path} is not a file`);
      const problem = this.#problemOf(stats, this.#path, 0o077);
      if (problem) refuse(problem);
      if (stats.size > maxBytes) refuse(`${this.#path} is too large`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  }

  #problemOf({ uid, mode }: Stats, path: string, forbidden: number): string | undefined {
    if (this.#uid === undefined) return undefined;
    if (uid !== this.#uid) return `${path} belongs to another user of this machine`;
    const shown = (mode & 0o777).toString(8);
    return mode & forbidden ? `${path} is open to other users of this machine (mode ${shown})` : undefined;
  }

  async #replace(content: string): Promise<void> {
    await rm(this.#unfinished, { force: true });
    try {
      const file = await open(this.#unfinished, 'wx', 0o600);
      // Without sync, a power failure could leave an empty file under the final name.
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
      const code = systemCode(error);
      if (code === undefined) throw error;
      throw new NotDone(`${this.#path} cannot be ${what} (${code}). Check the folder and the disk.`);
    }
  }
}

function refuse(problem: string): never {
  throw new NotSignedIn(`The stored sign-in cannot be used: ${problem}. Sign in again.`);
}

function serializeTokens(owner: TokenOwner, tokens: IssuedTokens): string {
  const { claims, accessToken, msalCache } = tokens;
  const { origin } = tenantAuthority(owner.tenant);
  const api = { clientId: owner.todoApiClientId, url: owner.todoApiUrl };
  const { clientId } = owner;
  return JSON.stringify({ version, origin, tenantId: claims.tid, clientId, api, claims, accessToken, msalCache });
}

/** @returns the tokens, or as `problem` why the text cannot be used */
function parseTokens(text: string, owner: TokenOwner): { tokens?: IssuedTokens; problem?: string } {
  const json = parseJson(text);
  if (json === undefined) return { problem: 'is damaged' };
  if (!versioned.safeParse(json).success) return { problem: 'was not written by this version of the app' };
  const { data } = storedTokens.safeParse(json);
  if (!data) return { problem: 'is damaged' };
  const { origin, tenantId, clientId, api, ...tokens } = data;
  if (origin !== tenantAuthority(owner.tenant).origin || tenantId !== (owner.tenant.tenantId ?? tenantId)) {
    return { problem: 'belongs to another tenant' };
  }
  if (clientId !== owner.clientId) return { problem: 'belongs to another app' };
  const isOfThisApi = api?.clientId === owner.todoApiClientId && api.url === owner.todoApiUrl;
  // Counts as expired, so that it is renewed for this API.
  return { tokens: isOfThisApi ? tokens : { ...tokens, accessToken: { ...tokens.accessToken, expiresAt: 0 } } };
}

/**
 * The file's usual place.
 * @param platform as `process.platform`
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function tokenFilePath(
  platform: NodeJS.Platform,
  { XDG_CONFIG_HOME = '', APPDATA }: Environment,
  home: string,
): string {
  const tail = ['entra-todo', 'tokens.json'];
  if (platform === 'win32') return win32.join(APPDATA || win32.join(home, 'AppData', 'Roaming'), ...tail);
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', ...tail);
  // The specification says to ignore a relative path.
  const folder = posix.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : posix.join(home, '.config');
  return posix.join(folder, ...tail);
}
