import { type ApiConfig, readApiConfig } from '../api/config.ts';
import type { TenantSettings } from '../entra/authority.ts';
import { type HeadlessConfig, readHeadlessConfig } from '../headless/config.ts';
import type { GraphReader } from '../registration/read.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import { type Environment, isLoopback, SettingsError } from '../runtime/settings.ts';
import { readWebConfig, type WebConfig } from '../web/config.ts';
import { type Finding, fail, ok, unchecked } from './finding.ts';

const programNames = ['web', 'api', 'headless'] as const;
export type ProgramName = (typeof programNames)[number];

/** What the checks read. */
export interface CheckContext {
  readonly environment: Environment;
  readonly http: HttpClient;
  /** The path of the settings file, which need not exist. */
  readonly envFile: string;
  /** Such as `v20.19.0`. */
  readonly nodeVersion: string;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly now: () => number;
  /** The tenant's directory, if an administrator signed in. */
  readonly graph?: GraphReader | undefined;
  /** The settings of each program whose settings are valid. */
  readonly web?: WebConfig;
  readonly api?: ApiConfig;
  readonly headless?: HeadlessConfig;
}

const readers = { web: readWebConfig, api: readApiConfig, headless: readHeadlessConfig };

/**
 * Reads the settings exactly as the programs do when they start.
 * @param only the one program to check; default: the web app, and the others if they are set up here
 */
export function readPrograms(environment: Environment, only?: ProgramName) {
  const programs: { web?: WebConfig; api?: ApiConfig; headless?: HeadlessConfig } = {};
  const findings: Finding[] = [];
  for (const program of only ? [only] : programNames) {
    const name = `${program} settings`;
    const reason = only ? undefined : reasonToSkip(program, environment);
    if (reason) {
      findings.push(unchecked(name, reason));
      continue;
    }
    try {
      Object.assign(programs, { [program]: readers[program](environment) });
      findings.push(ok(name, 'complete'));
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      const fix =
        'set it in the environment or in .env: .env.sample says where to find it, npm run configure writes it';
      findings.push(...error.problems.map((problem) => fail(name, problem, fix)));
    }
  }
  return { programs, findings };
}

/** Why a program seems not to be set up here; undefined if it is. */
function reasonToSkip(program: ProgramName, environment: Environment): string | undefined {
  const setting = { web: undefined, api: 'TODO_API_CLIENT_ID', headless: 'HEADLESS_CLIENT_ID' }[program];
  if (setting && !environment[setting]?.trim()) return `${setting} is not set here`;
  const apiUrl = environment.TODO_API_URL?.trim() ?? '';
  const isElsewhere = URL.canParse(apiUrl) && !isLoopback(apiUrl);
  return program === 'api' && isElsewhere ? 'the API runs on another machine, see TODO_API_URL' : undefined;
}

/** The tenant's settings, which all programs share. */
export function tenantOf({ web, api, headless }: CheckContext): TenantSettings | undefined {
  return (web ?? api ?? headless)?.tenant;
}
