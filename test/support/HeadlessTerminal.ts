import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Writable } from 'node:stream';
import { seededPassword, terminal, todoApi } from 'entra-local-tenant';
import { StartedProgram } from './childProcess.ts';
import { compiled } from './compiled.ts';
import { type BrowserPage, TenantBrowser } from './TenantBrowser.ts';

export interface TenantAddress {
  readonly origin: string;
  readonly tenantId: string;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
}

/** A shell with the command `todo` and its own home folder. Nobody is signed in at first. */
export class HeadlessTerminal {
  readonly folder: string;
  readonly tokenFile: string;
  readonly #env: Record<string, string>;

  static async open({ origin, tenantId }: TenantAddress, apiUrl = 'http://localhost:9'): Promise<HeadlessTerminal> {
    const folder = await mkdtemp(join(tmpdir(), 'todo-'));
    const bin = join(folder, 'bin');
    await mkdir(bin);
    const start = `exec '${process.execPath}' '${compiled('headless/main.ts')}' "$@"`;
    await writeFile(join(bin, 'todo'), `#!/bin/sh\n${start}\n`, { mode: 0o755 });
    return new HeadlessTerminal(folder, {
      PATH: [bin, process.env.PATH].join(delimiter),
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, 'config'),
      LANG: 'C.UTF-8',
      TERM: 'xterm',
      TENANT_SUBDOMAIN: 'contoso',
      TENANT_ID: tenantId,
      // Empty, so that a developer's own `.env` cannot set it.
      TENANT_DOMAIN: '',
      METADATA_URL: `${origin}/${tenantId}/v2.0/.well-known/openid-configuration`,
      HEADLESS_CLIENT_ID: terminal.clientId,
      TODO_API_URL: apiUrl,
      TODO_API_CLIENT_ID: todoApi.clientId,
    });
  }

  private constructor(folder: string, env: Record<string, string>) {
    this.folder = folder;
    this.tokenFile = join(folder, 'config', 'entra-todo', 'tokens.json');
    this.#env = env;
  }

  /** Starts a shell script. Signals reach only `todo` if the script says `exec todo …`. */
  start(script: string, env: Readonly<Record<string, string>> = {}): { program: StartedProgram; keyboard: Writable } {
    const child = spawn('sh', ['-c', script], {
      cwd: this.folder,
      env: { ...this.#env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    child.stdin.on('error', () => {});
    return { program: new StartedProgram(script, '', child), keyboard: child.stdin };
  }

  /** Runs a shell script to its end. @throws {Error} if its output contains a token or a stack trace */
  async run(script: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const { program, keyboard } = this.start(script, env);
    keyboard.end();
    return await this.end(program);
  }

  async end(program: StartedProgram): Promise<Ended> {
    const { code } = await program.exited;
    const output = program.output();
    const secrets = await readFile(this.tokenFile, 'utf8').then(secretsIn, () => []);
    if (/\n {4}at |eyJ[\w-]+\.[\w-]/.test(output) || secrets.some((secret) => output.includes(secret))) {
      throw new Error(`A stack or a token in:\n${output}`);
    }
    return { code, stdout: program.result(), output };
  }

  /** Signs in with a code, which is entered in a separate browser. */
  async signIn(tenantUrl: string, email: string): Promise<Ended> {
    const { program } = this.start('exec todo sign-in');
    await letIn(tenantUrl, await codeOf(program), email);
    return await this.end(program);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

/** Waits for the code that a sign-in shows. */
export async function codeOf(program: StartedProgram): Promise<string> {
  return (await program.prints(/(?:Code|"userCode":) *"?([A-Z]{9})\b/))[1] ?? '';
}

/** Enters a code on the tenant's page. @returns the page that asks whether to continue */
export async function enterCode(browser: TenantBrowser, tenantUrl: string, userCode: string): Promise<BrowserPage> {
  const page = await browser.open(`${tenantUrl}/common/oauth2/deviceauth`);
  return await browser.submit(page, { user_code: userCode });
}

/** Signs a seeded customer in on the device that shows a code. */
export async function letIn(tenantUrl: string, userCode: string, email: string): Promise<void> {
  const browser = new TenantBrowser();
  const address = await browser.submit(await enterCode(browser, tenantUrl, userCode), {}, 'Continue');
  const done = await browser.submit(await browser.submit(address, { email }), { password: seededPassword });
  if (!done.html.includes('You have signed in')) throw new Error(`Not let in: ${done.html}`);
}

/** A command that runs a shell script on a pseudo-terminal. Debian (util-linux) and macOS have `script`. */
export function onTerminal(shellScript: string): string {
  return process.platform === 'darwin'
    ? `exec script -q /dev/null sh -c '${shellScript}'`
    : `exec script -qec '${shellScript}' /dev/null`;
}

/** The access and refresh tokens in a token file, which embeds MSAL's cache as JSON. */
function secretsIn(content: string): string[] {
  return [...content.matchAll(/\\?"(?:token|secret)\\?":\\?"([^"\\]{20,})/g)].map(([, secret = '']) => secret);
}
