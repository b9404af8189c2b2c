import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { exitCodes } from '../entra/terminal/CommandError.ts';
import { Output } from '../entra/terminal/Output.ts';
import { openBrowser } from '../entra/terminal/openBrowser.ts';
import { reportFailure } from '../entra/terminal/reportFailure.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import type { Dependencies } from './adminSession.ts';
import { cleanup } from './cleanup.ts';
import { configure } from './configure.ts';
import { EnvFile } from './EnvFile.ts';
import { GraphError } from './GraphClient.ts';
import { helpText, readArguments, readFormat } from './readArguments.ts';
import { rotate } from './rotate.ts';
import { StepFailed } from './runPlan.ts';

const commands = { configure, rotate, cleanup };

const args = process.argv.slice(2);
const stopping = new AbortController();
const output = new Output({ stdout: process.stdout, stderr: process.stderr, format: readFormat(args) });

// A request in flight is completed; no other is sent.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
const exitCode = await main();
// Wait until a slow reader has taken all output, which exit would drop.
await new Promise((written) => process.stdout.write('', written));
process.exit(exitCode);

async function main(): Promise<number> {
  try {
    const command = readArguments(args);
    if (command.name === 'help') console.log(helpText);
    else await commands[command.name](command.options, dependencies());
    return exitCodes.done;
  } catch (error) {
    return report(error);
  }
}

function dependencies(): Dependencies {
  // The programs that are configured read the .env of the current folder too.
  const folder = process.cwd();
  return {
    folder,
    output,
    openBrowser,
    signal: stopping.signal,
    environment: process.env,
    envFile: new EnvFile(join(folder, '.env'), (message) => output.message(message)),
    http: createHttpClient({ timeoutMs: 30_000, maxBodyBytes: 4 * 1024 * 1024 }),
    ask: process.stdin.isTTY ? ask : undefined,
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
    output.failure({ name: 'Interrupted', message: 'Interrupted. Run the command again to continue.' });
    return exitCodes.interrupted;
  }
  if (error instanceof StepFailed || error instanceof GraphError) {
    output.failure({ name: error.name, message: `${error.message}\nRun the command again to continue.` });
    return exitCodes.notDone;
  }
  return reportFailure(error, output, Boolean(process.env.DEBUG));
}
