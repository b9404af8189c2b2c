import { type ApiConfig, readApiConfig } from '../api/config.ts';
import type { TenantSettings } from '../entra/authority.ts';
import { type HeadlessConfig, readHeadlessConfig } from '../headless/config.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import { type Environment, SettingsError } from '../runtime/settings.ts';
import { readWebConfig, type WebConfig } from '../web/config.ts';
import type { Reader } from './directory.ts';
import { type Finding, fail, ok, unchecked } from './finding.ts';

export type ProgramName = 'web' | 'api' | 'headless';

/** What the checks look at. */
export interface Subject {
  readonly environment: Environment;
  readonly http: HttpClient;
  /** The path of the file that holds the settings, if there is one. */
  readonly envFile: string;
  /** As in `v20.19.0`. */
  readonly nodeVersion: string;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly now: () => number;
  /** The tenant's directory, if an administrator signed in. */
  readonly graph?: Reader | undefined;
  /** The settings of the programs that have sound ones. */
  readonly web?: WebConfig;
  readonly api?: ApiConfig;
  readonly headless?: HeadlessConfig;
}

const readers = { web: readWebConfig, api: readApiConfig, headless: readHeadlessConfig };

/** A program without this setting is taken to be set up elsewhere, or not used. */
const marks = { web: undefined, api: 'API_CLIENT_ID', headless: 'HEADLESS_CLIENT_ID' } as const;

/**
 * Reads the settings exactly as the programs do at their start.
 * @param only the one program that is asked about; default: the web app, and the others where they are set up
 */
export function readPrograms(environment: Environment, only?: ProgramName) {
  const programs: { web?: WebConfig; api?: ApiConfig; headless?: HeadlessConfig } = {};
  const findings: Finding[] = [];
  for (const program of only ? [only] : (['web', 'api', 'headless'] as const)) {
    const name = `${program} settings`;
    const mark = marks[program];
    if (!only && mark && !environment[mark]?.trim()) {
      findings.push(unchecked(name, `${mark} is not set here`));
      continue;
    }
    try {
      Object.assign(programs, { [program]: readers[program](environment) });
      findings.push(ok(name, 'complete'));
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      const fix =
        'set it in the environment or in .env; .env.sample says where to find it, npm run configure writes it';
      findings.push(...error.problems.map((problem) => fail(name, problem, fix)));
    }
  }
  return { programs, findings };
}

/** The tenant's settings, which are the same for all programs. */
export function tenantOf({ web, api, headless }: Subject): TenantSettings | undefined {
  return (web ?? api ?? headless)?.tenant;
}
