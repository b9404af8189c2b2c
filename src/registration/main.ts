import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { AdministratorNotSignedIn } from '../entra/terminal/administrator.ts';
import { openBrowser } from '../entra/terminal/openBrowser.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { SettingsError } from '../runtime/settings.ts';
import type { Dependencies } from './adminSession.ts';
import { StepFailed } from './apply.ts';
import { cleanup } from './cleanup.ts';
import { CloudRefused } from './clouds.ts';
import { helpText, readCommandLine, wantsJson } from './commandLine.ts';
import { configure } from './configure.ts';
import { RegistrationConflict } from './conflict.ts';
import { EnvFile, EnvFileProblem } from './EnvFile.ts';
import { exitCodes, RegistrationError } from './errors.ts';
import { GraphError } from './GraphClient.ts';
import { ManifestError } from './manifest.ts';
import { Output } from './Output.ts';
import { rotate } from './rotate.ts';
import { NotAsPlanned } from './verify.ts';

const packageFolder = join(import.meta.dirname, '../..');
const args = process.argv.slice(2);
const stopping = new AbortController();
const output = new Output({
  write: (line) => console.log(line),
  writeBeside: (line) => console.error(line),
  isJson: wantsJson(args),
});

// What was begun at Graph is finished, and the next request not sent.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
const exitCode = await main();
await new Promise((written) => process.stdout.write('', written));
process.exit(exitCode);

async function main(): Promise<number> {
  try {
    const command = readCommandLine(args);
    switch (command.name) {
      case 'help':
        console.log(helpText);
        break;
      case 'configure':
        await configure(command.options, dependencies());
        break;
      case 'rotate':
        await rotate(command.options, command, dependencies());
        break;
      case 'cleanup':
        await cleanup(command.options, command, dependencies());
        break;
    }
    return exitCodes.done;
  } catch (error) {
    return report(error);
  }
}

function dependencies(): Dependencies {
  // The current folder's .env, as of the programs that it is for.
  const folder = process.cwd();
  return {
    ...{ folder, output, openBrowser, signal: stopping.signal, environment: process.env },
    envFile: new EnvFile(join(folder, '.env')),
    manifestPath: join(packageFolder, 'AppCreationScripts', 'sample.json'),
    readText: (path) => readFile(path, 'utf8'),
    http: createHttpClient({ timeoutMs: 30_000, maxBodyBytes: 4 * 1024 * 1024 }),
    confirm: process.stdin.isTTY ? ask : undefined,
  };
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: stopping.signal })).trim());
  } finally {
    terminal.close();
  }
}

/** @returns the exit code */
function report(error: unknown): number {
  if (stopping.signal.aborted) {
    output.failure('Interrupted', 'Interrupted. Run it again: it goes on where it stopped.');
    return exitCodes.interrupted;
  }
  if (error instanceof RegistrationError) {
    output.failure(error.name, error.message);
    return error.exitCode;
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const isOne = (kinds: readonly (new (...args: never[]) => Error)[]) => kinds.some((kind) => error instanceof kind);
  if (isOne([SettingsError, ManifestError, CloudRefused])) {
    output.failure(name, message);
    return exitCodes.wrongUse;
  }
  if (isOne([StepFailed, GraphError])) output.failure(name, `${message}\nRun it again: it goes on where it stopped.`);
  else if (isOne([AdministratorNotSignedIn, EnvFileProblem, RegistrationConflict, NotAsPlanned]))
    output.failure(name, message);
  else {
    output.failure(name, `This is a fault of the command: ${message} (DEBUG=1 shows where)`);
    if (process.env.DEBUG) console.error(stack);
  }
  return exitCodes.failed;
}
