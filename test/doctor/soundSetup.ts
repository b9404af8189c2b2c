import { terminal, todoApi, webApp } from 'entra-local-tenant';
import type { ProgramName } from '../../src/doctor/checkContext.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { runChecks } from '../../src/doctor/runChecks.ts';
import type { GraphReader } from '../../src/registration/read.ts';
import { createHttpClient, type HttpClient, HttpClientError } from '../../src/runtime/httpClient.ts';
import type { Environment } from '../../src/runtime/settings.ts';
import type { RunningTenant } from '../support/startTenant.ts';
import type { System } from '../support/system.ts';

/** Valid settings. */
export function soundSettings(tenant: RunningTenant, system: System, redisUrl: string): Environment {
  return {
    TENANT_SUBDOMAIN: tenant.subdomain,
    TENANT_ID: tenant.tenantId,
    METADATA_URL: tenant.metadataUrl,
    BASE_URL: system.webUrl,
    CLIENT_ID: webApp.clientId,
    CLIENT_SECRET: webApp.secret,
    SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    REDIS_URL: redisUrl,
    TODO_API_URL: system.apiUrl,
    TODO_API_CLIENT_ID: todoApi.clientId,
    ALLOWED_CLIENT_IDS: `${webApp.clientId}, ${terminal.clientId}`,
    HEADLESS_CLIENT_ID: terminal.clientId,
  };
}

/** For production settings, which name other machines. */
export const noNetwork: HttpClient = {
  async request() {
    throw new HttpClientError('unreachable', 'there is no network');
  },
};

export interface Circumstances {
  /** Default: the real one. */
  readonly http?: HttpClient;
  readonly only?: ProgramName;
  readonly envFile?: string;
  readonly nodeVersion?: string;
  /** The tenant's directory, for an administrator. */
  readonly graph?: GraphReader;
  readonly longestCheckMs?: number;
  /** The error of this machine's clock. */
  readonly clockOffsetSeconds?: number;
}

/** The doctor's findings for these settings. */
export function findingsOf(environment: Environment, circumstances: Circumstances = {}): Promise<Finding[]> {
  const {
    only,
    longestCheckMs = 5_000,
    envFile = '/nowhere/.env',
    nodeVersion = 'v20.19.0',
    clockOffsetSeconds = 0,
    graph,
  } = circumstances;
  const { http = createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 1024 * 1024 }) } = circumstances;
  const now = () => Date.now() + clockOffsetSeconds * 1000;
  return runChecks({ environment, http, envFile, nodeVersion, now, graph, longestCheckMs }, only);
}

/** The findings that warn or fail, such as `fail redirect URI`. */
export function complaintsOf(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ status }) => status === 'warn' || status === 'fail')
    .map(({ status, name }) => `${status} ${name}`);
}
