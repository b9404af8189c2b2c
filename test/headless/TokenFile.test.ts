import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IssuedTokens } from '../../src/entra/issuedTokens.ts';
import { NotDone } from '../../src/entra/terminal/CommandError.ts';
import { NotSignedIn } from '../../src/headless/errors.ts';
import { TokenFile, tokenFilePath } from '../../src/headless/TokenFile.ts';

const tenantId = randomUUID();
const clientId = randomUUID();
const api = { todoApiClientId: randomUUID(), todoApiUrl: 'https://api.example.com' };
const owner = { tenant: { subdomain: 'contoso', tenantId }, clientId, ...api };
const tokens: IssuedTokens = {
  claims: { iss: 'https://issuer.example', sub: 's', oid: randomUUID(), tid: tenantId, name: 'Alice' },
  accessToken: { token: 'secret-access-token', expiresAt: 1_900_000_000_000 },
  msalCache: '{"RefreshToken":{"secret":"secret-refresh-token"}}',
};
let folder: string;
let path: string;
let file: TokenFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headless-'));
  path = join(folder, 'entra-todo', 'tokens.json');
  file = new TokenFile(path, owner);
});
afterEach(() => rm(folder, { recursive: true }));

const store = (what = tokens) => file.locked(() => file.write(what));
const modeOf = async (name: string) => ((await stat(name)).mode & 0o777).toString(8);
const names = () => readdir(dirname(path));

/** The error of the work. It must name the file and no secret. */
async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(() => undefined).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('did not fail');
  expect(error.message).toContain(dirname(path));
  expect(error.message).not.toContain('secret-');
  return error;
}

async function expectUnusable(why: string, by = file): Promise<void> {
  const error = await failure(by.read());
  expect(error).toBeInstanceOf(NotSignedIn);
  expect(error.message).toContain(why);
  expect(error.message).toContain('Sign in again');
}

async function change(changes: object): Promise<void> {
  await store();
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }));
}

describe('the token file', () => {
  it('returns what was stored, readable by nobody else, in its own folder', async () => {
    expect(await file.read()).toBeUndefined();
    await store();
    expect(await file.read()).toEqual(tokens);
    expect([await modeOf(path), await modeOf(dirname(path))]).toEqual(['600', '700']);
    expect(await names()).toEqual(['tokens.json']);
  });

  it('is replaced as a whole', async () => {
    await store({ ...tokens, msalCache: 'x'.repeat(10_000) });
    await store();
    expect(await file.read()).toEqual(tokens);
  });

  it('is removed whatever it contains, together with an unfinished write', async () => {
    await store();
    await writeFile(path, 'damaged');
    await writeFile(`${path}.new`, 'secret-half');
    expect(await file.locked(() => file.remove())).toBe(true);
    expect(await file.locked(() => file.remove())).toBe(false);
    expect(await names()).toEqual([]);
  });

  it.each(['640', '604', '620', '660', '777'])('of mode %s is not used until the next sign-in', async (mode) => {
    await store();
    await chmod(path, mode);
    await expectUnusable(`mode ${mode}`);
    await store();
    expect(await modeOf(path)).toBe('600');
    expect(await file.read()).toEqual(tokens);
  });

  it('in a folder that others may write to is neither used nor written', async () => {
    await store();
    await chmod(dirname(path), 0o777);
    await expectUnusable('mode 777');
    expect(await failure(store())).toBeInstanceOf(NotDone);
  });

  it('that belongs to another user is not used, and nothing is written to another user’s folder', async () => {
    await store();
    const ofStranger = new TokenFile(path, owner, (process.getuid?.() ?? 0) + 1);
    await expectUnusable('belongs to another user', ofStranger);
    expect(await failure(ofStranger.locked(() => ofStranger.write(tokens)))).toBeInstanceOf(NotDone);
  });

  it('that is a link is not followed, and a sign-in replaces the link, not its target', async () => {
    await store();
    const elsewhere = join(folder, 'elsewhere');
    await writeFile(elsewhere, await readFile(path), { mode: 0o600 });
    await rm(path);
    await symlink(elsewhere, path);
    await expectUnusable('is a link');
    await writeFile(elsewhere, 'untouched');
    await symlink(elsewhere, `${path}.new`);
    await store();
    expect(await file.read()).toEqual(tokens);
    expect(await readFile(elsewhere, 'utf8')).toBe('untouched');
  });

  it('that is a pipe does not block', async () => {
    await mkdir(dirname(path), { mode: 0o700 });
    execFileSync('mkfifo', ['-m', '600', path]);
    await expectUnusable('is not a file');
  });

  it('that is a folder is neither used nor replaced, and no tokens stay beside it', async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await expectUnusable('is not a file');
    expect(await failure(store())).toBeInstanceOf(NotDone);
    expect(await names()).toEqual(['tokens.json']);
  });

  it('larger than 1 MB is not read', async () => {
    await store({ ...tokens, msalCache: 'x'.repeat(1024 * 1024) });
    await expectUnusable('is too large');
  });

  it.each([
    ['no content', ''],
    ['half of its content', '{"version":1,"origin":"https://con'],
    ['null', 'null'],
    ['a list', '[]'],
  ])('with %s is not used', async (_name, text) => {
    await store();
    await writeFile(path, text);
    await expectUnusable(path);
  });

  it.each([
    ['another version', { version: 2 }, 'was not written by this version of the app'],
    ['another tenant', { tenantId: randomUUID(), claims: { ...tokens.claims, tid: randomUUID() } }, 'is damaged'],
    ['another tenant’s address', { origin: 'https://other.ciamlogin.com' }, 'belongs to another tenant'],
    ['another app', { clientId: randomUUID() }, 'belongs to another app'],
    ['no refresh token', { msalCache: undefined }, 'is damaged'],
    ['an expiry that is text', { accessToken: { token: 't', expiresAt: 'never' } }, 'is damaged'],
    ['claims without a customer', { claims: { tid: tenantId } }, 'is damaged'],
  ])('with %s is not used', async (_name, changes, why) => {
    await change(changes);
    await expectUnusable(why);
  });

  it('of another tenant is not used; without TENANT_ID only the address counts', async () => {
    const other = randomUUID();
    await change({ tenantId: other, claims: { ...tokens.claims, tid: other } });
    await expectUnusable('belongs to another tenant');
    expect(await new TokenFile(path, { ...owner, tenant: { subdomain: 'contoso' } }).read()).toMatchObject({
      claims: { tid: other },
    });
  });

  it('that cannot be written causes an error that says why', async () => {
    await writeFile(join(folder, 'entra-todo'), '');
    const error = await failure(store());
    expect(error).toBeInstanceOf(NotDone);
    expect(error.message).toMatch(/ENOTDIR|EEXIST/);
  });
});

describe('tokenFilePath', () => {
  it.each<[NodeJS.Platform, Record<string, string>, string, string]>([
    ['linux', {}, '/home/alice', '/home/alice/.config/entra-todo/tokens.json'],
    ['linux', { XDG_CONFIG_HOME: '/config' }, '/home/alice', '/config/entra-todo/tokens.json'],
    ['linux', { XDG_CONFIG_HOME: 'relative' }, '/home/alice', '/home/alice/.config/entra-todo/tokens.json'],
    ['linux', { XDG_CONFIG_HOME: '' }, '/home/alice', '/home/alice/.config/entra-todo/tokens.json'],
    ['darwin', {}, '/Users/alice', '/Users/alice/Library/Application Support/entra-todo/tokens.json'],
    ['win32', { APPDATA: 'C:\\Roaming' }, 'C:\\Users\\alice', 'C:\\Roaming\\entra-todo\\tokens.json'],
    ['win32', {}, 'C:\\alice', 'C:\\alice\\AppData\\Roaming\\entra-todo\\tokens.json'],
  ])('on %s with %j and the home %s is %s', (platform, environment, home, expected) => {
    expect(tokenFilePath(platform, environment, home)).toBe(expected);
  });
});
