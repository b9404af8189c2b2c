import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedText, EnvFile, EnvFileProblem } from '../../src/registration/EnvFile.ts';

describe('the text of .env', () => {
  it.each([
    ['an empty line of the sample', '# The id.\nCLIENT_ID=\nPORT=3000\n', '# The id.\nCLIENT_ID=new\nPORT=3000\n'],
    ['a value, and keeps the comment behind it', 'CLIENT_ID=old # mine\n', 'CLIENT_ID=new # mine\n'],
    ['a value in quotes', 'CLIENT_ID = "o # d" # mine\n', 'CLIENT_ID = new # mine\n'],
    ['an exported value', 'export CLIENT_ID=old\n', 'export CLIENT_ID=new\n'],
    ['a value after a colon', 'CLIENT_ID: old\n', 'CLIENT_ID: new\n'],
    [
      'lines that end as in Windows, and only the one',
      'A=1\r\nCLIENT_ID=old\r\nB=2\n',
      'A=1\r\nCLIENT_ID=new\r\nB=2\n',
    ],
    ['nothing of a line that is a comment', '#CLIENT_ID=old\n', '#CLIENT_ID=old\nCLIENT_ID=new\n'],
    ['a file without an end of its last line', 'A=1', 'A=1\nCLIENT_ID=new\n'],
    ['a file that has none, with the ends of the other lines', 'A=1\r\n', 'A=1\r\nCLIENT_ID=new\r\n'],
    ['an empty file', '', 'CLIENT_ID=new\n'],
    ['no name that only ends alike', 'TODO_CLIENT_ID=1\n', 'TODO_CLIENT_ID=1\nCLIENT_ID=new\n'],
  ])('has changed %s', (_what, before, after) => {
    expect(changedText(before, { CLIENT_ID: 'new' })).toBe(after);
  });

  it.each(['a#b', 'a b', " a'b ", 'a"b\'c', 'a~b.c_d-e', 'a=b', '$HOME\\n', 'a`b'])(
    'holds %j as dotenv reads it',
    (value) => {
      expect(parse(changedText('CLIENT_SECRET=old # mine\nB=2\n', { CLIENT_SECRET: value }))).toEqual({
        CLIENT_SECRET: value,
        B: '2',
      });
    },
  );

  it('keeps the name of a value that is taken away, and gets none that was not there', () => {
    expect(changedText('A=1 # one\nB=2\n', { A: undefined, C: undefined })).toBe('A= # one\nB=2\n');
  });

  it.each([
    ['a name that stands twice', 'CLIENT_ID=1\nCLIENT_ID=2\n', 'new', /twice/],
    ['a value over several lines', 'CLIENT_ID="1\n2"\n', 'new', /several lines/],
    ['a name inside of another value', 'KEY="\nCLIENT_ID=1\n"\n', 'new', /several lines/],
    ['a value that no quotes hold', 'A=1\n', '\'"` #', /by hand/],
  ])('is not changed for %s', (_what, before, value, why) => {
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

  it('is made for its owner alone', async () => {
    await new EnvFile(path).change({ CLIENT_SECRET: 'secret' });
    expect(await readFile(path, 'utf8')).toBe('CLIENT_SECRET=secret\n');
    expect(await modeOf()).toBe(0o600);
  });

  it('is not made when there is nothing to write', async () => {
    await new EnvFile(path).change({ CLIENT_SECRET: undefined });
    expect(await readdir(folder)).toEqual([]);
    expect(await new EnvFile(path).read()).toEqual({});
  });

  it('keeps its mode and leaves nothing beside it', async () => {
    await writeFile(path, 'A=1\n');
    await chmod(path, 0o640);
    await new EnvFile(path).change({ A: '2' });
    expect(await modeOf()).toBe(0o640);
    expect(await readdir(folder)).toEqual(['.env']);
    expect(await new EnvFile(path).read()).toEqual({ A: '2' });
  });

  it('stays a link, and what it leads to is changed', async () => {
    await writeFile(join(folder, 'real'), 'A=1\n');
    await symlink(join(folder, 'real'), path);
    await new EnvFile(path).change({ A: '2' });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('A=2\n');
  });

  it('is as it was after a change that cannot be made', async () => {
    await writeFile(path, 'A=1\nA=2\n');
    await expect(new EnvFile(path).change({ B: '1', A: '3' })).rejects.toThrow(EnvFileProblem);
    expect(await readFile(path, 'utf8')).toBe('A=1\nA=2\n');
  });
});
