import { config as loadEnvFile } from 'dotenv';
import { createCredentialSource } from '../entra/credentials/createCredentialSource.ts';
import { MetadataSource } from '../entra/MetadataSource.ts';
import { TenantKeys } from '../entra/TenantKeys.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { createLogger, errorFields, type Logger } from '../runtime/logger.ts';
import { type Counts, processCounts, redisCounts } from '../runtime/rateLimit.ts';
import { connectRedis } from '../runtime/redis.ts';
import { serve, stopOnSignal } from '../runtime/serve.ts';
import { SettingsError } from '../runtime/settings.ts';
import { createWebApp } from './app.ts';
import { TokenCallPace } from './auth/TokenCallPace.ts';
import { readWebConfig, type WebConfig } from './config.ts';
import type { KeyValueStore } from './session/KeyValueStore.ts';
import { MemoryKeyValueStore } from './session/MemoryKeyValueStore.ts';
import { RedisKeyValueStore } from './session/RedisKeyValueStore.ts';

async function run(config: WebConfig): Promise<0 | 1> {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const log = createLogger('web', config.isProduction ? 'json' : 'text', write);
  process.stdout.on('error', () => {});
  process.on('unhandledRejection', (reason) => log.error('A promise failed unheard', errorFields(reason)));
  const tenantHttp = createHttpClient({ timeoutMs: 8_000, maxBodyBytes: 256 * 1024 });
  const todoHttp = createHttpClient({ timeoutMs: 3_000, maxBodyBytes: 4 * 1024 * 1024 });
  const metadata = new MetadataSource({ settings: config.tenant, http: tenantHttp, log });
  const keys = new TenantKeys({ metadata, http: tenantHttp, log });
  const credentials = createCredentialSource(config.credential, { http: tenantHttp, log });
  await credentials.start();
  const { records, counts, close } = openRecords(config.redisUrl, log);
  let stopping = false;
  const isStopping = () => stopping;
  const app = createWebApp(config, {
    ...{ metadata, keys, credentials, todoHttp, records, counts, log, write, isStopping },
    tenantHttp: new TokenCallPace(tenantHttp, config.tokenCallsPerSecond),
  });
  const running = await serve(app, {
    port: config.port,
    isHttps: config.isHttps,
    log,
    onStopping: () => {
      stopping = true;
    },
    onStopped: () => {
      metadata.stop();
      close();
    },
  });
  // Before anything is announced: whoever reads it may send a signal at once.
  const stopped = stopOnSignal(running, log);
  metadata.start();
  log.info('The web app is listening', { url: config.baseUrl, port: running.port, credential: credentials.name });
  return stopped;
}

function openRecords(
  redisUrl: string | undefined,
  log: Logger,
): { records: KeyValueStore; counts: Counts; close: () => void } {
  if (redisUrl) {
    const redis = connectRedis(redisUrl, log);
    return { records: new RedisKeyValueStore(redis), counts: redisCounts(redis, log), close: () => redis.destroy() };
  }
  log.warn('REDIS_URL is not set: sessions are kept in this process and end with it');
  return { records: new MemoryKeyValueStore(), counts: processCounts, close: () => {} };
}

loadEnvFile({ quiet: true });
try {
  process.exit(await run(readWebConfig(process.env)));
} catch (error) {
  const message = error instanceof Error ? error.message : 'failed';
  console.error(error instanceof SettingsError ? message : `The web app cannot start: ${message}`);
  process.exit(1);
}
