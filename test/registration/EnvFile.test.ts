import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedText, EnvFile, EnvFileProblem } from '../../src/registration/EnvFile.ts';

describe('the text of .env', () => {
  it.each([
    ['an empty line of the sample', '# The id.\nCLIENT_ID=\nPORT=3000\n', '# The id.\nCLIENT_ID=new\nPORT=3000\n'],
    ['a value, and keeps the comment after it', 'CLIENT_ID=old # mine\n', 'CLIENT_ID=new # mine\n'],
    ['a value in quotes', 'CLIENT_ID = "o # d" # mine\n', 'CLIENT_ID = new # mine\n'],
    ['an exported value', 'export CLIENT_ID=old\n', 'export CLIENT_ID=new\n'],
    ['a value after a colon', 'CLIENT_ID: old\n', 'CLIENT_ID: new\n'],
    ['a line with a Windows line end, and no other', 'A=1\r\nCLIENT_ID=old\r\nB=2\n', 'A=1\r\nCLIENT_ID=new\r\nB=2\n'],
    ['no comment, and appends the value', '#CLIENT_ID=old\n', '#CLIENT_ID=old\nCLIENT_ID=new\n'],
    ['a file without a final line end', 'A=1', 'A=1\nCLIENT_ID=new\n'],
    ['a file without the name, with the line ends of the others', 'A=1\r\n', 'A=1\r\nCLIENT_ID=new\r\n'],
    ['an empty file', '', 'CLIENT_ID=new\n'],
    ['no name that has the same ending', 'TODO_CLIENT_ID=1\n', 'TODO_CLIENT_ID=1\nCLIENT_ID=new\n'],
  ])('is changed: %s', (_what, before, after) => {
    expect(changedText(before, { CLIENT_ID: 'new' })).toBe(after);
  });

  it.each(['a#b', 'a b', " a'b ", 'a"b\'c', 'a~b.c_d-e', 'a=b', '$HOME\\n', 'a`b'])(
    'has %j in the form that dotenv reads',
    (value) => {
      expect(parse(changedText('CLIENT_SECRET=old # mine\nB=2\n', { CLIENT_SECRET: value }))).toEqual({
        CLIENT_SECRET: value,
        B: '2',
      });
    },
  );

  it('keeps the name of a cleared value, and gets no new name without a value', () => {
    expect(changedText('A=1 # one\nB=2\n', { A: undefined, C: undefined })).toBe('A= # one\nB=2\n');
  });

  it.each([
    ['a name that occurs twice', 'CLIENT_ID=1\nCLIENT_ID=2\n', 'new', /twice/],
    ['a value over several lines', 'CLIENT_ID="1\n2"\n', 'new', /several lines/],
    ['a name inside another value', 'KEY="\nCLIENT_ID=1\n"\n', 'new', /several lines/],
    ['a value that no quotes can hold', 'A=1\n', '\'"` #', /by hand/],
  ])('is refused: %s', (_what, before, value, why) => {
    expect(() => changedText(before, { CLIENT_ID: value })).toThrow(EnvFileProblem);
    expect(() => changedText(before, { CLIENT_ID: value })).toThrow(why);
  });
});

describe('the file .env', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'env-'));
    path = join(folder, '.env');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const modeOf = async () => (await stat(path)).mode & 0o777;

  it('is created for its owner only', async () => {
    await new EnvFile(path).change({ CLIENT_SECRET: 'secret' });
    expect(await readFile(path, 'utf8')).toBe('CLIENT_SECRET=secret\n');
    expect(await modeOf()).toBe(0o600);
  });

  it('is not created when there is nothing to write', async () => {
    await new EnvFile(path).change({ CLIENT_SECRET: undefined });
    expect(await readdir(folder)).toEqual([]);
    expect(await new EnvFile(path).read()).toEqual({});
  });

  it.each(['1', '2'])('that others can read is made private, with a message, when A becomes %s', async (A) => {
    await writeFile(path, 'A=1\n');
    await chmod(path, 0o644);
    const said: string[] = [];
    const file = new EnvFile(path, (message) => said.push(message));
    await file.change({ A });
    await file.change({ A: '3' });
    expect(await modeOf()).toBe(0o600);
    expect(said).toEqual([expect.stringMatching(/^\.env has secrets, .+ Now only its owner can\.$/)]);
  });

  it('keeps a private mode, and leaves no temporary file', async () => {
    await writeFile(path, 'A=1\n');
    await chmod(path, 0o400);
    await new EnvFile(path).change({ A: '2' });
    expect(await modeOf()).toBe(0o400);
    expect(await readdir(folder)).toEqual(['.env']);
    expect(await new EnvFile(path).read()).toEqual({ A: '2' });
  });

  it('stays a symbolic link, whose target is changed', async () => {
    await writeFile(join(folder, 'real'), 'A=1\n');
    await symlink(join(folder, 'real'), path);
    await new EnvFile(path).change({ A: '2' });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('A=2\n');
  });

  it('in UTF-16 is neither read nor changed', async () => {
    const bytes = Buffer.from('\ufeffA=1\n', 'utf16le');
    await writeFile(path, bytes);
    const file = new EnvFile(path);
    await expect(file.read()).rejects.toThrow(/UTF-16/);
    await expect(file.change({ A: '2' })).rejects.toThrow(/UTF-16/);
    expect(await readFile(path)).toEqual(bytes);
  });

  it('is unchanged after a change that fails', async () => {
    await writeFile(path, 'A=1\nA=2\n');
    await expect(new EnvFile(path).change({ B: '1', A: '3' })).rejects.toThrow(EnvFileProblem);
    expect(await readFile(path, 'utf8')).toBe('A=1\nA=2\n');
  });
});
