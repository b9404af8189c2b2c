import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, HeadlessTerminal, onTerminal } from '../support/HeadlessTerminal.ts';
import { type System, startSystem, until } from '../support/system.ts';

let system: System;
let signedIn: HeadlessTerminal;
const terminals: HeadlessTerminal[] = [];
beforeAll(async () => {
  system = await startSystem();
  signedIn = await openTerminal();
  await signedIn.signIn(system.tenantUrl, 'alice@example.com');
});
afterAll(async () => {
  await system.stop();
  await Promise.all(terminals.map((terminal) => terminal.remove()));
});

async function openTerminal(): Promise<HeadlessTerminal> {
  const terminal = await HeadlessTerminal.open({ origin: system.tenantUrl, tenantId: system.tenantId }, system.apiUrl);
  terminals.push(terminal);
  return terminal;
}

/** A terminal in which Alice is signed in already. */
async function openSignedIn(): Promise<HeadlessTerminal> {
  const terminal = await openTerminal();
  await cp(dirname(signedIn.tokenFile), dirname(terminal.tokenFile), { recursive: true, mode: 0 });
  await chmod(dirname(terminal.tokenFile), 0o700);
  return terminal;
}

function expectOneLine(ended: Ended, code: number, message: string): void {
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.output).toMatch(/^[^\n]+\n$/);
  expect(ended.output).toContain(message);
}

describe('the stored sign-in', { timeout: 60_000 }, () => {
  test('is used by the next command, and readable by its customer only', async () => {
    const terminal = await openSignedIn();
    expect(await terminal.run('todo claims --json')).toMatchObject({ code: 0 });
    expect((await terminal.run('ls -l config/entra-todo')).stdout).toMatch(/^-rw-------.* tokens\.json$/m);
  });

  test('is not used when it is damaged, and can be removed', async () => {
    const terminal = await openSignedIn();
    await writeFile(terminal.tokenFile, '{"version":1,');
    expectOneLine(await terminal.run('todo list'), 5, `${terminal.tokenFile} is damaged`);
    expect(await terminal.run('todo sign-out')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Signed out/),
    });
  });

  test('is left alone while another process holds its lock, and the error names that process', async () => {
    const terminal = await openSignedIn();
    await writeFile(`${terminal.tokenFile}.lock`, `${process.pid}\n${hostname()}\ntest`);
    expectOneLine(await terminal.run('todo sign-out'), 1, `in use by process ${process.pid}`);
    expect(await terminal.run('todo claims')).toMatchObject({ code: 0 });
  });

  test('fails before the customer signs in when its folder cannot be created', async () => {
    const terminal = await openTerminal();
    const { code, stdout, output } = await terminal.run('todo sign-in --json', { XDG_CONFIG_HOME: '/dev/null' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(output)).toEqual({ error: 'NotDone', message: expect.stringContaining('/dev/null/entra-todo') });
  });

  test('is renewed once by two processes at the same time', async () => {
    const terminal = await openSignedIn();
    const content = await readFile(terminal.tokenFile, 'utf8');
    await writeFile(terminal.tokenFile, content.replace(/"expiresAt":\d+/, '"expiresAt":1'));
    const answers = async (): Promise<unknown> => (await fetch(`${system.tenantUrl}/dev/token-answers`)).json();
    const before = Object(await answers()).refresh_token ?? 0;
    const both = await terminal.run('todo list & first=$!; todo list; second=$?; wait $first; echo $? $second >&2');
    expect(both.output).toMatch(/^0 0$/m);
    expect(Object(await answers()).refresh_token).toBe(before + 1);
  });
});

describe('a command', { timeout: 60_000 }, () => {
  test.each([
    '{ todo --help; echo $? >&2; } | true',
    '{ todo --help --json; echo $? >&2; } | true',
    'todo --help >&-; echo $? >&2',
  ])('succeeds silently when nobody reads its output: %s', async (script) => {
    const terminal = await openTerminal();
    expect((await terminal.run(script)).output).toBe('0\n');
  });

  test.runIf(existsSync('/dev/full'))('fails when its result cannot be written', async () => {
    const terminal = await openTerminal();
    expectOneLine(await terminal.run('todo --help > /dev/full'), 1, 'cannot be written (ENOSPC)');
  });

  test('ends with 6 when the API is unavailable', async () => {
    const terminal = await openSignedIn();
    const ended = await terminal.run('todo list', { TODO_API_URL: 'http://localhost:9' });
    expectOneLine(ended, 6, 'The to-do API is unavailable.');
  });

  test('ends with 2 and names what is wrong with the settings or arguments', async () => {
    const terminal = await openTerminal();
    const settings = await terminal.run('todo list --json', {
      HEADLESS_CLIENT_ID: 'x',
      TODO_API_URL: 'http://example.com',
    });
    expect(settings.code).toBe(2);
    const { error, message } = JSON.parse(settings.output);
    expect(error).toBe('SettingsError');
    expect(message).toMatch(/HEADLESS_CLIENT_ID must be a GUID[\s\S]*TODO_API_URL must be https/);
    expectOneLine(await terminal.run('todo lst'), 2, 'Did you mean list?');
  });

  test('does not read the .env of the current folder', async () => {
    const terminal = await openTerminal();
    await writeFile(join(terminal.folder, '.env'), 'HEADLESS_CLIENT_ID=not-a-guid\n');
    const { output } = await terminal.run('unset HEADLESS_CLIENT_ID; todo list');
    expect(output).not.toContain('must be a GUID');
  });

  test('escapes a change of text direction, which the API lets through', async () => {
    const terminal = await openSignedIn();
    const { stdout } = await terminal.run(`printf 'Buy \\342\\200\\256klim\\r\\n' | todo add -`);
    expect(stdout).toMatch(/^Added \d+: Buy \\u202eklim\n$/);
    expect(JSON.parse((await terminal.run('todo list --json')).stdout).at(-1).description).toBe('Buy \u202eklim');
  });

  test('adds nothing from an interrupted input', async () => {
    const terminal = await openSignedIn();
    const { program, keyboard } = terminal.start(onTerminal('exec todo add -'));
    await program.prints(/Ctrl-D ends\./);
    keyboard.write('Half a list\n\u0003');
    expect((await terminal.end(program)).code).toBe(130);
    expect((await terminal.run('todo list')).stdout).not.toContain('Half a list');
  });

  test('opens the desktop’s browser, and stops listening on Ctrl-C', async () => {
    const terminal = await openTerminal();
    await mkdir(join(terminal.folder, 'bin'), { recursive: true });
    for (const opener of ['xdg-open', 'open']) {
      const file = join(terminal.folder, 'bin', opener);
      await writeFile(file, '#!/bin/sh\nprintf %s "$1" > "$HOME/opening" && mv "$HOME/opening" "$HOME/opened"\n', {
        mode: 0o755,
      });
    }
    const { program } = terminal.start('exec todo sign-in --browser');
    const [url] = await program.prints(/http:\S+authorize\S+/);
    await until(() => existsSync(join(terminal.folder, 'opened')));
    expect(await readFile(join(terminal.folder, 'opened'), 'utf8')).toBe(url);
    expect(await program.stop('SIGINT')).toEqual({ code: 130, signal: null });
  });
});
