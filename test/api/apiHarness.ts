import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { createApi } from '../../src/api/app.ts';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import type { TodoStore } from '../../src/api/TodoStore.ts';
import { MetadataSource } from '../../src/entra/MetadataSource.ts';
import { TenantKeys } from '../../src/entra/TenantKeys.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { type Counts, processCounts } from '../../src/runtime/rateLimit.ts';
import { createAppServer } from '../../src/runtime/serve.ts';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';

export const clientId = randomUUID();
export const webClientId = randomUUID();
export const alice = randomUUID();
export const bob = randomUUID();

export interface Call {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** A value is sent as JSON, text and bytes as they are. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Api {
  readonly tenant: SigningTenant;
  readonly baseUrl: string;
  readonly logLines: string[];
  /** An access token for Alice that may read and write, but for the changes; undefined leaves a claim out. */
  token(changes?: Record<string, unknown>, header?: Record<string, unknown>): string;
  call(method: string, path: string, call?: Call): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Variations {
  readonly store?: TodoStore;
  readonly allowedClientIds?: readonly string[];
  readonly isStopping?: () => boolean;
  readonly writesPerMinute?: number;
  readonly counts?: Counts;
  /** The clock by which the tenant's keys age, in milliseconds. */
  readonly now?: () => number;
}

/** For suites in which one customer changes more than a person does. */
export const unlimited = { writesPerMinute: 100_000, counts: processCounts };

/** The API on a free port with a tenant of its own. */
export async function startApi(given: Variations = {}): Promise<Api> {
  const { store = new InProcessTodoStore(), now = () => performance.now(), ...variations } = given;
  const tenant = await startSigningTenant();
  const http = createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 100_000 });
  const logLines: string[] = [];
  const log = createLogger('api', 'json', (line) => logLines.push(line));
  const settings = { subdomain: 'contoso', tenantId: tenant.tenantId, metadataUrl: tenant.metadataUrl };
  const metadata = new MetadataSource({ settings, http, log });
  const keys = new TenantKeys({ metadata, http, log, now });
  metadata.start();
  const server = createAppServer(createApi({ clientId, metadata, keys, store, log, ...unlimited, ...variations }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  while (!metadata.ready()) await new Promise((resolve) => setImmediate(resolve));
  return {
    tenant,
    baseUrl,
    logLines,
    token: (changes = {}, header = {}) => tenant.sign({ ...claimsOf(tenant), ...changes }, header),
    call: (method, path, call) => send(`${baseUrl}${path}`, method, call),
    async stop() {
      metadata.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await tenant.stop();
    },
  };
}

export function claimsOf(tenant: SigningTenant): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: `https://${tenant.tenantId}.ciamlogin.com/${tenant.tenantId}/v2.0`,
    aud: clientId,
    sub: 'pairwise-subject-of-alice',
    oid: alice,
    tid: tenant.tenantId,
    ver: '2.0',
    azp: webClientId,
    azpacr: '1',
    scp: 'ToDoList.ReadWrite',
    iat: now - 300,
    nbf: now - 300,
    exp: now + 3_600,
  };
}

/** Sends a request as given; a value is sent as JSON, text and bytes as they are. */
export async function send(url: string, method: string, { token, headers = {}, body }: Call = {}): Promise<Answer> {
  const { origin, pathname, search } = new URL(url);
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const request = new supertest.Test(origin, method, pathname + search).ok(() => true);
  if (token !== undefined) request.set('authorization', `Bearer ${token}`);
  if (body !== undefined) request.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(headers)) request.set({ [name]: value });
  if (body !== undefined) request.serialize((content) => content).send(isRaw ? body : JSON.stringify(body));
  const { status, headers: answered, text = '' } = await request;
  return { status, headers: answered, text };
}
