import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { AdministratorWay } from '../entra/terminal/administrator.ts';
import { openBrowser } from '../entra/terminal/openBrowser.ts';
import { loadEnvFile } from '../runtime/envFile.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { SettingsError } from '../runtime/settings.ts';
import type { ProgramName } from './checkContext.ts';
import { type Finding, fail } from './finding.ts';
import { openGraph } from './openGraph.ts';
import { isSound, jsonReport, textReport } from './report.ts';
import { type Dependencies, runChecks } from './runChecks.ts';

interface DoctorOptions {
  readonly json: boolean;
  readonly only: ProgramName | undefined;
  /** How an administrator signs in; undefined if none does. */
  readonly way: AdministratorWay | undefined;
}

const usage = `Usage: npm run doctor -- [--only web|api|headless] [--json] [--administrator [--device-code | --azure-cli]]
Exit codes: 0 nothing fails, 1 something fails, 2 wrong usage. With GRAPH_ACCESS_TOKEN set, nobody has to sign in.`;

function readOptions(): DoctorOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: { json: flag, administrator: flag, 'device-code': flag, 'azure-cli': flag, only: { type: 'string' } },
  });
  const { json, only, administrator } = values;
  if (only !== undefined && only !== 'web' && only !== 'api' && only !== 'headless') {
    throw new Error('--only must be web, api or headless');
  }
  if (!administrator) return { json, only, way: undefined };
  if (values['device-code']) return { json, only, way: 'deviceCode' };
  return { json, only, way: values['azure-cli'] ? 'azureCli' : 'browser' };
}

/** @returns the exit code */
async function main({ json, only, way }: DoctorOptions): Promise<0 | 1> {
  const envFile = resolve('.env');
  try {
    loadEnvFile(process.env, envFile);
  } catch (error) {
    // The check of the file reports it.
    if (!(error instanceof SettingsError)) throw error;
  }
  const http = createHttpClient({ timeoutMs: 4_000, maxBodyBytes: 1024 * 1024 });
  const dependencies = { environment: process.env, http, envFile, nodeVersion: process.version, now: Date.now };
  const findings = way ? await runAsAdministrator(way, dependencies, only) : await runChecks(dependencies, only);
  console.log(json ? jsonReport(findings) : textReport(findings));
  return isSound(findings) ? 0 : 1;
}

async function runAsAdministrator(
  way: AdministratorWay,
  dependencies: Dependencies,
  only: ProgramName | undefined,
): Promise<Finding[]> {
  const graph = await openGraph(dependencies.environment, way, {
    http: dependencies.http,
    signal: new AbortController().signal,
    // Standard output is for the report.
    openBrowser(url) {
      console.error(`Sign in as an administrator: ${url}`);
      openBrowser(url);
    },
    showCode: (code, page) => console.error(`Sign in as an administrator: open ${page} and enter ${code}`),
  }).catch((error: unknown) => (error instanceof Error ? error : new Error('nobody signed in')));
  if (!(graph instanceof Error)) return await runChecks({ ...dependencies, graph }, only);
  const failure = fail('administrator', graph.message, 'sign in as an administrator, or omit --administrator');
  return [...(await runChecks(dependencies, only)), failure];
}

try {
  process.exitCode = await main(readOptions());
} catch (error) {
  console.error(`${error instanceof Error ? error.message : 'failed'}\n${usage}`);
  process.exitCode = 2;
}
