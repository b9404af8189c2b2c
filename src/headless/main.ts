#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { config as loadEnvFile } from 'dotenv';
import { z } from 'zod';
import { openBrowser } from '../entra/terminal/openBrowser.ts';
import { TodoClient } from '../models/TodoClient.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { SettingsError } from '../runtime/settings.ts';
import { Account } from './Account.ts';
import { readCommandLine, readFormat } from './commandLine.ts';
import { answerInquiry, runTask, type Surroundings } from './commands.ts';
import { readHeadlessConfig } from './config.ts';
import { exitCodes, HeadlessError } from './errors.ts';
import { Output } from './Output.ts';
import { PublicAuthProvider } from './PublicAuthProvider.ts';
import { tokenOwnerOf } from './storedSignIn.ts';
import { TokenFile, tokenFilePath } from './TokenFile.ts';

/** How long what was begun may take to its end once the process is told to stop. */
const graceMs = 500;
const packageFolder = join(import.meta.dirname, '../..');

const args = process.argv.slice(2);
const stopping = new AbortController();
const signalCodes = { SIGINT: exitCodes.interrupted, SIGTERM: 143 } as const;
const { LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM, DEBUG } = process.env;
const output = new Output({
  stdout: process.stdout,
  stderr: process.stderr,
  format: readFormat(args),
  isStyled: !NO_COLOR && TERM !== 'dumb',
  isUtf8: process.platform !== 'linux' || /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
});

/** A reader that has read enough closes the pipe (`todo list | head -1`); a full disk is no such end. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  output.failure('NotDone', `The result cannot be written (${error.code ?? error.message}).`);
  process.exit(exitCodes.notDone);
});
process.stderr.on('error', () => {});
for (const [signal, code] of Object.entries(signalCodes)) {
  process.once(signal, () => {
    stopping.abort(code);
    setTimeout(() => process.exit(code), graceMs).unref();
  });
}
const exitCode = await main();
// Exiting drops what a slow reader has not taken yet.
await new Promise((written) => process.stdout.write('', written));
process.exit(exitCode);

async function main(): Promise<number> {
  try {
    const command = readCommandLine(args);
    if (command.name === 'help' || command.name === 'version') answerInquiry(command, output, readVersion());
    else await runTask(command, surroundings());
    return exitCodes.done;
  } catch (error) {
    if (stopping.signal.aborted) return Number(stopping.signal.reason);
    return report(error);
  }
}

function surroundings(): Surroundings {
  // Not the current folder's .env: a folder that came from somebody else could send the access token elsewhere.
  loadEnvFile({ path: join(packageFolder, '.env'), quiet: true });
  const config = readHeadlessConfig(process.env);
  const auth = new PublicAuthProvider({
    config,
    http: createHttpClient({ timeoutMs: 8_000, maxBodyBytes: 256 * 1024 }),
  });
  const file = new TokenFile({ path: tokenFilePath(process.platform, process.env, homedir()) });
  return {
    account: new Account({ file, provider: auth, owner: tokenOwnerOf(config) }),
    auth,
    todos: new TodoClient({
      baseUrl: config.todoApiUrl,
      http: createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 4 * 1024 * 1024 }),
    }),
    output,
    lines() {
      if (process.stdin.isTTY) output.message('One to-do a line; Ctrl-D ends.');
      return createInterface({ input: process.stdin, signal: stopping.signal });
    },
    openBrowser,
    signal: stopping.signal,
  };
}

/** @returns the exit code */
function report(error: unknown): number {
  if (error instanceof HeadlessError) {
    output.failure(error.name, error.message);
    return error.exitCode;
  }
  if (error instanceof SettingsError) {
    output.failure(error.name, error.message);
    return exitCodes.wrongUse;
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(typeof error);
  output.failure(name, `This is a fault of the app: ${message} (DEBUG=1 shows where)`);
  if (DEBUG) console.error(stack);
  return exitCodes.notDone;
}

function readVersion(): string {
  const text = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
