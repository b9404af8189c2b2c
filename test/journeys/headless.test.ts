import { readTenantConfig, seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { HeadlessTerminal } from '../support/HeadlessTerminal.ts';
import { type Programs, startPrograms } from '../support/programs.ts';

const { tenantId } = readTenantConfig({});
const withLongStart = { timeout: 120_000 };
let programs: Programs;
const terminals: HeadlessTerminal[] = [];
beforeAll(async () => {
  programs = await startPrograms();
});
afterAll(async () => {
  await programs.stop();
  await Promise.all(terminals.map((terminal) => terminal.remove()));
});

async function openTerminal(): Promise<HeadlessTerminal> {
  const terminal = await HeadlessTerminal.open({ origin: programs.tenant.url, tenantId }, programs.api.url);
  terminals.push(terminal);
  return terminal;
}

async function webListOf(email: string): Promise<string> {
  const browser = new Browser();
  await browser.goto(`${programs.web.url}/todos`);
  await browser.submit('Next', { email });
  await browser.submit('Sign in', { password: seededPassword });
  return browser.page.html;
}

describe('a customer in a terminal', withLongStart, () => {
  test('signs in with a code, keeps a list that the web app also shows, and signs out', async () => {
    const terminal = await openTerminal();
    expect(await terminal.run('todo list')).toEqual({
      code: 5,
      stdout: '',
      output: expect.stringContaining('sign-in'),
    });

    const signIn = await terminal.signIn(programs.tenant.url, 'alice@example.com');
    expect(signIn).toMatchObject({ code: 0, stdout: 'Signed in as Alice Archer.\n' });
    expect(signIn.output).toContain(`Page  ${programs.tenant.url}/common/oauth2/deviceauth\n`);
    expect(signIn.output).toMatch(/Waiting until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.\n/);

    const added = await terminal.run('todo add Buy milk');
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Added \d+: Buy milk\n$/) });
    const id = /\d+/.exec(added.stdout)?.[0] ?? '';
    expect(await terminal.run(`todo change ${id} Buy oat milk`)).toMatchObject({ code: 0 });
    expect((await terminal.run('todo list')).stdout).toBe(`${id}  Buy oat milk\n`);
    expect(await webListOf('alice@example.com')).toContain('Buy oat milk');
    expect(await webListOf('bob@example.com')).not.toContain('Buy oat milk');
    expect((await terminal.run('todo claims')).stdout).toMatch(/^name +Alice Archer$/m);

    expect(await terminal.run(`todo remove ${id}`)).toMatchObject({ code: 0, stdout: `Removed ${id}.\n` });
    expect(await terminal.run(`todo remove ${id}`)).toMatchObject({
      code: 1,
      output: expect.stringContaining('no to-do'),
    });
    expect(await terminal.run('todo sign-out')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Signed out/),
    });
    expect(await terminal.run('todo claims')).toMatchObject({ code: 5 });
  });

  // The script in docs/5-headless-app.md. Not every machine has jq.
  const counters = { node: `node -p 'JSON.parse(require("node:fs").readFileSync(0)).length'`, jq: 'jq length' };
  test('adds ten to-dos with a script and counts them', async () => {
    const terminal = await openTerminal();
    await terminal.signIn(programs.tenant.url, 'bob@example.com');
    const script = (count: string) => `set -eu
      seq 1 10 | sed 's/^/Item /' | todo add - --json | ${count}
      todo list --json | ${count}
      todo list --json > list.json`;
    expect(await terminal.run(script(counters.node))).toMatchObject({ code: 0, output: '10\n10\n' });
    const { stdout: hasJq } = await terminal.run('command -v jq || echo');
    const count = hasJq.trim() ? counters.jq : counters.node;
    expect(await terminal.run(script(count))).toMatchObject({ code: 0, output: '10\n20\n' });
  });

  test('signs in with a browser on this machine that is opened by hand', async () => {
    const terminal = await openTerminal();
    const { program } = terminal.start('PATH="$HOME/bin"; exec todo sign-in --browser --json');
    const [, url = ''] = await program.prints(/"url":"([^"]+)"/);
    const browser = new Browser();
    await browser.goto(url);
    await browser.submit('Next', { email: 'alice@example.com' });
    await browser.submit('Sign in', { password: seededPassword });
    // A browser with scripts would submit this form by itself.
    await browser.submit('Continue');
    const { code, stdout } = await terminal.end(program);
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      event: 'signedIn',
      name: 'Alice Archer',
    });
  });
});
