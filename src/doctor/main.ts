import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { config as loadEnvFile } from 'dotenv';
import type { AdministratorOptions, AdministratorWay } from '../entra/terminal/administrator.ts';
import { openBrowser } from '../entra/terminal/openBrowser.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import type { ProgramName } from './checkContext.ts';
import { type Finding, fail } from './finding.ts';
import { openGraph } from './openGraph.ts';
import { isSound, jsonReport, textReport } from './report.ts';
import { type Dependencies, examine } from './runChecks.ts';

interface CommandLine {
  readonly json: boolean;
  readonly only: ProgramName | undefined;
  /** How an administrator signs in; undefined: none does. */
  readonly administrator: AdministratorWay | undefined;
}

const usage = `Usage: npm run doctor -- [--only web|api|headless] [--json] [--administrator [--device-code | --azure-cli]]
Exit code: 0 if nothing fails, 1 if anything does, 2 for wrong use. With GRAPH_ACCESS_TOKEN nobody need sign in.`;

function readCommandLine(): CommandLine {
  const flag = { type: 'boolean', default: false } as const;
  const options = { json: flag, administrator: flag, 'device-code': flag, 'azure-cli': flag } as const;
  const { values } = parseArgs({ options: { ...options, only: { type: 'string' } } });
  const { json, only } = values;
  if (only !== undefined && only !== 'web' && only !== 'api' && only !== 'headless') {
    throw new Error(`--only knows no ${only}`);
  }
  return { json, only, administrator: values.administrator ? wayOf(values) : undefined };
}

function wayOf(values: { readonly 'device-code': boolean; readonly 'azure-cli': boolean }): AdministratorWay {
  if (values['device-code']) return 'deviceCode';
  return values['azure-cli'] ? 'azureCli' : 'browser';
}

/** @returns 1 if anything fails */
async function run({ json, only, administrator }: CommandLine): Promise<0 | 1> {
  const envFile = resolve('.env');
  loadEnvFile({ path: envFile, quiet: true });
  const http = createHttpClient({ timeoutMs: 4_000, maxBodyBytes: 1024 * 1024 });
  const { env: environment, version: nodeVersion } = process;
  const dependencies = { environment, http, envFile, nodeVersion, now: Date.now };
  const findings = await examineAs(administrator, dependencies, only);
  console.log(json ? jsonReport(findings) : textReport(findings));
  return isSound(findings) ? 0 : 1;
}

async function examineAs(
  way: AdministratorWay | undefined,
  dependencies: Dependencies,
  only: ProgramName | undefined,
): Promise<Finding[]> {
  if (!way) return await examine(dependencies, only);
  const { environment, http } = dependencies;
  const graph = await openGraph(environment, way, { ...signInPages, http }).catch(asError);
  if (!(graph instanceof Error)) return await examine({ ...dependencies, graph }, only);
  const failure = fail('administrator', graph.message, 'sign in as an administrator, or leave --administrator out');
  return [...(await examine(dependencies, only)), failure];
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('nobody signed in');
}

/** Standard output is the report's. */
const signInPages: Pick<AdministratorOptions, 'signal' | 'openBrowser' | 'showCode'> = {
  signal: new AbortController().signal,
  openBrowser(url) {
    console.error(`Sign in as an administrator: ${url}`);
    openBrowser(url);
  },
  showCode: (code, page) => console.error(`Sign in as an administrator: open ${page} and enter ${code}`),
};

try {
  process.exitCode = await run(readCommandLine());
} catch (error) {
  console.error(`${error instanceof Error ? error.message : 'failed'}\n${usage}`);
  process.exitCode = 2;
}
