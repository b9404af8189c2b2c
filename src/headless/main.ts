#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { exitCodes } from '../entra/terminal/CommandError.ts';
import { Output } from '../entra/terminal/Output.ts';
import { openBrowser } from '../entra/terminal/openBrowser.ts';
import { reportFailure } from '../entra/terminal/reportFailure.ts';
import { TodoClient } from '../models/TodoClient.ts';
import { loadEnvFile } from '../runtime/envFile.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { readCommandLine, readFormat } from './commandLine.ts';
import { answerInquiry, type Dependencies, runTask } from './commands.ts';
import { readHeadlessConfig } from './config.ts';
import { PublicAuthProvider } from './PublicAuthProvider.ts';
import { StoredSignIn } from './StoredSignIn.ts';
import { TokenFile, tokenFilePath } from './TokenFile.ts';

/** How long unfinished work may take after the stop signal. */
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
});

// A reader that has read enough closes the pipe (`todo list | head -1`); a full disk is a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  output.failure({ name: 'NotDone', message: `The result cannot be written (${error.code ?? error.message}).` });
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
// process.exit drops what a slow reader has not read yet.
await new Promise((written) => process.stdout.write('', written));
process.exit(exitCode);

async function main(): Promise<number> {
  try {
    const command = readCommandLine(args);
    if (command.name === 'help' || command.name === 'version') answerInquiry(command, output, readVersion());
    else await runTask(command, dependencies());
    return exitCodes.done;
  } catch (error) {
    if (stopping.signal.aborted) return Number(stopping.signal.reason);
    return reportFailure(error, output, Boolean(DEBUG));
  }
}

function dependencies(): Dependencies {
  // Not the .env of the current folder: somebody else's folder could send the access token elsewhere.
  loadEnvFile(process.env, join(packageFolder, '.env'));
  const config = readHeadlessConfig(process.env);
  const auth = new PublicAuthProvider({
    config,
    http: createHttpClient({ timeoutMs: 8_000, maxBodyBytes: 256 * 1024 }),
  });
  const file = new TokenFile(tokenFilePath(process.platform, process.env, homedir()), config);
  return {
    storedSignIn: new StoredSignIn(file, auth),
    auth,
    todos: new TodoClient({
      baseUrl: config.todoApiUrl,
      http: createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 2 * 1024 * 1024 }),
    }),
    output,
    isUtf8: process.platform !== 'linux' || /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
    lines() {
      if (process.stdin.isTTY) output.message('One to-do per line; Ctrl-D ends.');
      return createInterface({ input: process.stdin, signal: stopping.signal });
    },
    openBrowser,
    signal: stopping.signal,
  };
}

function readVersion(): string {
  const text = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
