import { readTenantConfig, todoApi, webApp } from 'entra-local-tenant';
import { type StartedProgram, startProgram } from './childProcess.ts';
import { freePort } from './freePort.ts';

/** The three programs as processes of their own, ready to serve. */
export interface Programs {
  readonly tenant: StartedProgram;
  readonly api: StartedProgram;
  readonly web: StartedProgram;
  /** Starts a web app with the same settings; the first one's port only if that is free by now. */
  startWeb(changes?: Readonly<Record<string, string>>): Promise<StartedProgram>;
  stop(): Promise<void>;
}

/**
 * @param redisUrl where the web app and the API keep their data; without it, in their processes
 * @param changes of settings
 */
export async function startPrograms(
  redisUrl?: string,
  changes: Readonly<Partial<Record<'tenant' | 'api' | 'web', Readonly<Record<string, string>>>>> = {},
): Promise<Programs> {
  const redis: Record<string, string> = redisUrl ? { REDIS_URL: redisUrl } : {};
  const { tenantId: TENANT_ID, subdomain: TENANT_SUBDOMAIN } = readTenantConfig({});
  const tenant = await startProgram('tenant', changes.tenant);
  const METADATA_URL = `${tenant.url}/${TENANT_ID}/v2.0/.well-known/openid-configuration`;
  const shared = { ...redis, TENANT_ID, TENANT_SUBDOMAIN, METADATA_URL };
  // The tenant generates its keys on the first request for them; without this, the first sign-in would wait for that.
  await tenant.answers(`/${TENANT_ID}/discovery/v2.0/keys`);
  const api = await startProgram('api', { ...shared, TODO_API_CLIENT_ID: todoApi.clientId, ...changes.api });
  const PORT = String(await freePort());
  const settings = {
    ...shared,
    PORT,
    BASE_URL: `http://localhost:${PORT}`,
    CLIENT_ID: webApp.clientId,
    CLIENT_SECRET: webApp.secret,
    SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
    TODO_API_URL: api.url,
    TODO_API_CLIENT_ID: todoApi.clientId,
    // All customers of a test file have the same address.
    SIGN_INS_PER_MINUTE: '100000',
    ...changes.web,
  };
  const started: StartedProgram[] = [tenant, api];
  const startWeb = async (others: Readonly<Record<string, string>> = {}) => {
    const program = await startProgram('web', { ...settings, ...others });
    started.push(program);
    await program.answers('/readyz');
    return program;
  };
  const [web] = await Promise.all([startWeb(), api.answers('/readyz')]);
  return {
    tenant,
    api,
    web,
    startWeb,
    async stop() {
      await Promise.all(started.map((program) => program.stop()));
    },
  };
}
