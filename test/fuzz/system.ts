import { readTenantConfig, seededPassword, todoApi, webApp } from 'entra-local-tenant';
import type { RedisConnection } from '../../src/runtime/redis.ts';
import { RedisKeyValueStore } from '../../src/web/session/RedisKeyValueStore.ts';
import { TokenCache } from '../../src/web/session/TokenCache.ts';
import { Browser } from '../support/Browser.ts';
import { startProgram } from '../support/childProcess.ts';
import { freePort } from '../support/freePort.ts';
import { openOperator, openRedis } from '../support/openRedis.ts';
import { startRedis } from '../support/redisServer.ts';
import { FuzzedProgram } from './FuzzedProgram.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** The web app and the API from `dist` with their own local tenant and Redis, and a signed-in customer. */
export interface FuzzedSystem {
  readonly web: FuzzedProgram;
  readonly api: FuzzedProgram;
  /** Alice's, with the app's and the tenant's cookies, on her to-do page. */
  readonly alice: Browser;
  readonly accessToken: string;
  /** Removes all to-dos, so that their growing number does not look like a leak. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFuzzedSystem(): Promise<FuzzedSystem> {
  const redis = await startRedis();
  const connection = await openRedis(redis.url, silent);
  const client = await openOperator(redis.url);
  const tenant = await startProgram('tenant');
  await tenant.answers('/livez');
  const { tenantId, subdomain } = readTenantConfig({});
  const shared = {
    REDIS_URL: redis.url,
    TENANT_ID: tenantId,
    TENANT_SUBDOMAIN: subdomain,
    METADATA_URL: `${tenant.url}/${tenantId}/v2.0/.well-known/openid-configuration`,
    // Rate limits are not under test here.
    SIGN_INS_PER_MINUTE: '1000000',
    WRITES_PER_MINUTE: '1000000',
  };
  const api = await FuzzedProgram.start('api', { ...shared, TODO_API_CLIENT_ID: todoApi.clientId }, '/readyz');
  const web = await startWeb(shared, api.url);
  const alice = await signIn(web.url);
  return {
    web,
    api,
    alice,
    accessToken: await accessTokenOf(alice, connection),
    async tidy() {
      const keys = await client.keys('api:v1:todos:*');
      if (keys.length > 0) await client.del(keys);
    },
    async stop() {
      await Promise.all([web.stop(), api.stop(), tenant.stop()]);
      client.destroy();
      connection.destroy();
      await redis.stop();
    },
  };
}

async function startWeb(shared: Readonly<Record<string, string>>, apiUrl: string): Promise<FuzzedProgram> {
  const PORT = String(await freePort());
  const settings = {
    ...{ PORT, BASE_URL: `http://localhost:${PORT}`, CLIENT_ID: webApp.clientId, CLIENT_SECRET: webApp.secret },
    SESSION_SECRET: 'a-secret-of-the-fuzzing-that-is-long-enough',
    TODO_API_URL: apiUrl,
    TODO_API_CLIENT_ID: todoApi.clientId,
  };
  return await FuzzedProgram.start('web', { ...shared, ...settings }, '/readyz');
}

async function signIn(webUrl: string): Promise<Browser> {
  const browser = new Browser();
  await browser.goto(`${webUrl}/auth/signin?returnTo=/todos`);
  await browser.submit('Next', { email: 'alice@example.com' });
  await browser.submit('Sign in', { password: seededPassword });
  return browser;
}

async function accessTokenOf(browser: Browser, redis: RedisConnection): Promise<string> {
  const sessionId = /^s%3A([\w-]+)\./.exec(browser.cookies.get('session')?.value ?? '')?.[1] ?? '';
  const found = await new TokenCache(new RedisKeyValueStore(redis), todoApi.clientId).readAccessToken(sessionId);
  if (!found) throw new Error(`Alice has no access token; she is at ${browser.page.url}`);
  return found.token;
}
