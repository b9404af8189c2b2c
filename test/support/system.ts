import { seededPassword, startTenant, todoApi, webApp } from 'entra-local-tenant';
import { createApi } from '../../src/api/app.ts';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { createCredentialSource } from '../../src/entra/credentials/createCredentialSource.ts';
import { MetadataSource } from '../../src/entra/MetadataSource.ts';
import { TenantKeys } from '../../src/entra/TenantKeys.ts';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { processCounts } from '../../src/runtime/rateLimit.ts';
import { type RunningServer, serve } from '../../src/runtime/serve.ts';
import { createWebApp } from '../../src/web/app.ts';
import { readWebConfig } from '../../src/web/config.ts';
import type { WebDependencies } from '../../src/web/parts.ts';
import type { KeyValueStore } from '../../src/web/session/KeyValueStore.ts';
import { MemoryKeyValueStore } from '../../src/web/session/MemoryKeyValueStore.ts';
import { Browser } from './Browser.ts';
import { freePort } from './freePort.ts';

/** The local tenant, the API and the web app in this process, each on its own port. */
export interface System {
  readonly webUrl: string;
  readonly apiUrl: string;
  readonly tenantUrl: string;
  readonly tenantId: string;
  /** All lines that the web app logged. */
  readonly logged: string[];
  /** The web app's requests to the tenant, such as `POST /{tenant id}/oauth2/v2.0/token`. */
  readonly asked: string[];
  /** Starts another web app on the same records, with some settings or dependencies changed. @returns its URL */
  startWeb(settings: Readonly<Record<string, string>>, dependencies?: Partial<WebDependencies>): Promise<string>;
  /** Sends a command to `/dev/…` of the local tenant. */
  control(path: string, body: object): Promise<void>;
  /** A new browser in which a customer has signed in. @throws {Error} if the sign-in fails */
  signedIn(email: string): Promise<Browser>;
  stop(): Promise<void>;
}

const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Starts all three.
 * @param settings further settings of the web app
 * @param records where the web app keeps sessions; default: in process
 * @param dependencies further dependencies of the web app, such as its clock
 */
export async function startSystem(
  settings: Readonly<Record<string, string>> = {},
  records: KeyValueStore = new MemoryKeyValueStore(),
  dependencies: Partial<WebDependencies> = {},
): Promise<System> {
  const apiPort = await freePort();
  const tenant = await startTenant();
  const tenantUrl = tenant.address;
  const { TENANT_SUBDOMAIN = '', TENANT_ID = '', METADATA_URL = '' } = tenant.settings;
  // The tenant generates its keys on the first request for them; without this, the first sign-in would wait for that.
  await fetch(`${tenantUrl}/${TENANT_ID}/discovery/v2.0/keys`);
  const tenantSettings = { TENANT_SUBDOMAIN, TENANT_ID, METADATA_URL };
  const api = await startApi(apiPort, tenantSettings);
  const [logged, asked]: [string[], string[]] = [[], []];
  const servers: { stop(): Promise<void> }[] = [tenant, api];
  const startAnother: System['startWeb'] = async (changes, dependencies = {}) => {
    const PORT = String(await freePort());
    const all = { ...tenantSettings, ...webAppSettings(apiPort), ...settings, PORT, ...changes };
    servers.push(await startWeb(all, { records, ...dependencies }, { logged, asked }));
    return `http://localhost:${all.PORT}`;
  };
  const webUrl = await startAnother({}, dependencies);
  return {
    webUrl,
    asked,
    startWeb: startAnother,
    apiUrl: `http://localhost:${apiPort}`,
    tenantUrl,
    tenantId: TENANT_ID,
    logged,
    async control(path, body) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${tenantUrl}/dev/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`/dev/${path} answered ${response.status}: ${await response.text()}`);
    },
    async signedIn(email) {
      const browser = new Browser();
      await browser.goto(`${webUrl}/auth/signin`);
      await browser.submit('Next', { email });
      const { status, html } = await browser.submit('Sign in', { password: seededPassword });
      if (status !== 200) throw new Error(`The sign-in ended with ${status}:\n${html}`);
      return browser;
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

function webAppSettings(apiPort: number) {
  return {
    CLIENT_ID: webApp.clientId,
    CLIENT_SECRET: webApp.secret,
    SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    TODO_API_URL: `http://localhost:${apiPort}`,
    TODO_API_CLIENT_ID: todoApi.clientId,
    // All customers of a test file have the same address.
    SIGN_INS_PER_MINUTE: '100000',
  };
}

async function startWeb(
  settings: Readonly<Record<string, string>>,
  dependencies: Pick<WebDependencies, 'records'> & Partial<WebDependencies>,
  { logged, asked }: Pick<System, 'logged' | 'asked'>,
): Promise<RunningServer> {
  const config = readWebConfig(settings);
  const keep = (message: string, fields?: object) => void logged.push(JSON.stringify({ message, ...fields }));
  const log: Logger = { info: keep, warn: keep, error: keep };
  const tenantHttp = listening(createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 }), asked);
  const metadata = new MetadataSource({ settings: config.tenant, http: tenantHttp, log });
  const keys = new TenantKeys({ metadata, http: tenantHttp, log });
  const todoHttp = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 4 * 1024 * 1024 });
  const credentials = createCredentialSource(config.credential, { http: tenantHttp, log });
  await credentials.start();
  const app = createWebApp(config, {
    metadata,
    keys,
    credentials,
    tenantHttp,
    todoHttp,
    log,
    counts: processCounts,
    ...dependencies,
  });
  metadata.start();
  await until(() => metadata.ready());
  return await serve(app, { port: config.port, onStopped: () => metadata.stop() });
}

/** The same client, which also records the requests. */
function listening(http: HttpClient, asked: string[]): HttpClient {
  return {
    request(request) {
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      return http.request(request);
    },
  };
}

async function startApi(
  port: number,
  tenantSettings: { METADATA_URL: string; TENANT_SUBDOMAIN: string; TENANT_ID: string },
) {
  const http = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
  const settings = {
    subdomain: tenantSettings.TENANT_SUBDOMAIN,
    tenantId: tenantSettings.TENANT_ID,
    metadataUrl: tenantSettings.METADATA_URL,
  };
  const metadata = new MetadataSource({ settings, http, log: silent });
  const keys = new TenantKeys({ metadata, http, log: silent });
  const rules = { clientId: todoApi.clientId, allowedClientIds: undefined, metadata, keys, log: silent };
  metadata.start();
  await until(() => metadata.ready());
  const limit = { writesPerMinute: 100_000, counts: processCounts };
  const app = createApi({ ...rules, ...limit, store: new InProcessTodoStore() });
  return await serve(app, { port, onStopped: () => metadata.stop() });
}

/** Waits until the condition holds, for at most 10 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Not in 10 s: ${condition}`);
}
