import { terminal, todoApi, webApp } from 'entra-local-tenant';
import type { Reader } from '../../src/doctor/directory.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { examine } from '../../src/doctor/runChecks.ts';
import type { ProgramName } from '../../src/doctor/subject.ts';
import { createHttpClient, type HttpClient, HttpClientError } from '../../src/runtime/httpClient.ts';
import type { Environment } from '../../src/runtime/settings.ts';
import type { RunningTenant } from '../support/startTenant.ts';
import type { System } from '../support/system.ts';

/** Settings with which nothing is wrong. */
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
    API_CLIENT_ID: todoApi.clientId,
    ALLOWED_CLIENT_IDS: `${webApp.clientId}, ${terminal.clientId}`,
    HEADLESS_CLIENT_ID: terminal.clientId,
  };
}

/** For settings of production, whose addresses are not on this machine. */
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
  /** The tenant's directory, as an administrator sees it. */
  readonly graph?: Reader;
  readonly longestCheckMs?: number;
  /** By how much this machine's clock is wrong. */
  readonly clockOffsetSeconds?: number;
}

/** What the doctor finds in these settings on this machine. */
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
  return examine({ environment, http, envFile, nodeVersion, now, graph, longestCheckMs }, only);
}

/** What is not in order, as `fail redirect URI`. */
export function complaintsOf(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ status }) => status === 'warn' || status === 'fail')
    .map(({ status, name }) => `${status} ${name}`);
}
