import { webApp } from 'entra-local-tenant';
import { afterAll, describe, expect, test } from 'vitest';
import { codeOf, type Ended, enterCode, HeadlessTerminal, letIn, onTerminal } from '../support/HeadlessTerminal.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { TenantBrowser } from '../support/TenantBrowser.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(() => Promise.all(cleanups.map((clean) => clean())));

/** Each test has its own tenant, because faults and the clock apply to the whole tenant. */
async function setUp(...faults: string[]): Promise<{ tenant: RunningTenant; terminal: HeadlessTerminal }> {
  const tenant = await startTenant();
  const terminal = await HeadlessTerminal.open(tenant);
  cleanups.push(tenant.stop, () => terminal.remove());
  for (const name of faults) await tenant.control('faults', { name, times: 1 });
  return { tenant, terminal };
}

function expectOneLine(ended: Ended, code: number, message: RegExp): void {
  expect(ended).toMatchObject({ code, stdout: '' });
  const lines = ended.output.trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(message);
  // The line before is the last progress message of the sign-in.
  expect(lines.at(-2) ?? 'Waiting until').toMatch(/^Waiting until/);
}

// Concurrent, because each test waits at least 5 seconds between two polls.
describe.concurrent('a sign-in with a code', { timeout: 90_000 }, () => {
  test.each([
    ['is told to slow down', 'device-slow-down'],
    ['is not told how often to poll', 'device-no-interval'],
    ['is told to poll without a pause', 'device-interval-0'],
    ['is not told how long the code is valid', 'device-no-expires-in'],
    ['loses a connection', 'device-poll-reset'],
    ['gets a 500 without an error', 'device-poll-500'],
  ])('goes on when it %s', async (_what, fault) => {
    const { tenant, terminal } = await setUp(fault);
    expect(await terminal.signIn(tenant.origin, 'alice@example.com')).toMatchObject({
      code: 0,
      stdout: 'Signed in as Alice Archer.\n',
    });
    const armed: unknown = await (await fetch(`${tenant.origin}/dev/faults`)).json();
    expect(JSON.stringify(armed)).not.toMatch(/:[1-9]/);
  });

  test('ends with 3 when the code has expired', async () => {
    const { tenant, terminal } = await setUp();
    const { program } = terminal.start('exec todo sign-in');
    await codeOf(program);
    await tenant.control('clock', { advanceSeconds: 1_000 });
    expectOneLine(await terminal.end(program), 3, /^The code was not used in time\./);
  });

  test('ends with 4 when the customer declines', async () => {
    const { tenant, terminal } = await setUp();
    const { program } = terminal.start('exec todo sign-in --json');
    const browser = new TenantBrowser();
    await browser.submit(await enterCode(browser, tenant.origin, await codeOf(program)), {}, 'Cancel');
    const { code, stdout, output } = await terminal.end(program);
    expect(code).toBe(4);
    const [event, failure] = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(JSON.parse(stdout)).toEqual(event);
    expect(failure).toEqual({ error: 'SignInDeclined', message: expect.stringContaining('cancelled') });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends on %s with %i and no output, signed out', async (signal, code) => {
    const { terminal } = await setUp();
    const { program } = terminal.start('exec todo sign-in');
    await program.prints(/Waiting until .*\n/);
    expect(await program.stop(signal)).toEqual({ code, signal: null });
    expect((await terminal.end(program)).output).toMatch(/Waiting until .*\n$/);
    expect(await terminal.run('todo list')).toMatchObject({ code: 5 });
  });

  test.each([
    ['no code', 'device-no-code', 1],
    ['no metadata', 'discovery-500', 6],
    ['the metadata of another tenant', 'discovery-wrong-issuer', 6],
  ])('ends with one line when it gets %s', async (_what, fault, code) => {
    const { terminal } = await setUp(fault);
    expectOneLine(await terminal.run('todo sign-in'), code, /^The tenant.* cannot be (reached|used) /);
  });

  test('ends with one line if the app is not a public client', async () => {
    const { terminal } = await setUp();
    const ended = await terminal.run('todo sign-in', { HEADLESS_CLIENT_ID: webApp.clientId });
    expectOneLine(ended, 1, /AADSTS7000218.*allows public client flows/);
  });

  test('with a forged ID token leaves nobody signed in', async () => {
    const { tenant, terminal } = await setUp('id-token-rogue-key');
    expectOneLine(
      await terminal.signIn(tenant.origin, 'alice@example.com'),
      1,
      /tokens are not valid .*They were discarded/,
    );
    expect(await terminal.run('todo claims')).toMatchObject({ code: 5 });
  });

  test('ends with 6 when the tenant is unavailable', async () => {
    const { tenant, terminal } = await setUp();
    await tenant.stop();
    expectOneLine(await terminal.run('todo sign-in'), 6, /^The tenant cannot be reached/);
  });

  test('shows a code, a QR code and the time left on a terminal of 40 columns, until Ctrl-C', async () => {
    const { tenant, terminal } = await setUp();
    const { program, keyboard } = terminal.start(onTerminal('stty cols 40 rows 30; exec todo sign-in'), {
      NO_COLOR: '1',
    });
    await program.prints(/Waiting, 14:5\d left\. Ctrl-C cancels\.\rWaiting, 14:5\d left/);
    const code = await codeOf(program);
    keyboard.write('\u0003');
    const { code: exitCode, output } = await terminal.end(program);
    expect(exitCode).toBe(130);
    // The line is cleared, so that the shell's prompt starts at the beginning of the line.
    expect(output).toMatch(/\r +\r(\n)?$/);
    expect(output).not.toContain('\u001b');
    expect(output).toContain(`\r\nPage  ${tenant.origin}/common/oauth2/deviceauth\r\nCode  ${code}\r\n`);
    expect(output.match(/^[█▀▄ ]{20,}\r$/gm)).not.toBeNull();
    // Addresses are not wrapped, so that they can be copied.
    for (const line of output.replace(/^Page .*/m, '').split(/[\r\n]+/))
      expect(line.length, line).toBeLessThanOrEqual(40);
  });

  test('prints the code in bold on a terminal of 80 columns, and ends with the customer’s name', async () => {
    const { tenant, terminal } = await setUp();
    const { program } = terminal.start(onTerminal('stty cols 80 rows 30; exec todo sign-in'));
    const [, code = ''] = await program.prints(/Code\S* {2}([A-Z]{9})\r\n/);
    await letIn(tenant.origin, code, 'alice@example.com');
    const { code: exitCode, output } = await terminal.end(program);
    expect(exitCode).toBe(0);
    expect(output).toContain(`\u001b[1mCode\u001b[22m  ${code}\r\n`);
    expect(output).toMatch(/\r +\rSigned in as Alice Archer\.\r\n$/);
  });
});
