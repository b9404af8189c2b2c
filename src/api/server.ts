import { config as loadEnvFile } from 'dotenv';
import { MetadataSource } from '../entra/MetadataSource.ts';
import { TenantKeys } from '../entra/TenantKeys.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { createLogger, errorFields, type Logger } from '../runtime/logger.ts';
import { type Counts, processCounts, redisCounts } from '../runtime/rateLimit.ts';
import { connectRedis } from '../runtime/redis.ts';
import { serve, stopOnSignal } from '../runtime/serve.ts';
import { SettingsError } from '../runtime/settings.ts';
import { createApi } from './app.ts';
import { type ApiConfig, readApiConfig } from './config.ts';
import { RedisTodoStore } from './RedisTodoStore.ts';
import { InProcessTodoStore, type TodoStore } from './TodoStore.ts';

async function run(config: ApiConfig): Promise<0 | 1> {
  const log = createLogger('api', config.logFormat);
  process.on('unhandledRejection', (reason) => log.error('A promise failed unheard', errorFields(reason)));
  const http = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
  const metadata = new MetadataSource({ settings: config.tenant, http, log });
  const keys = new TenantKeys({ metadata, http, log });
  const { store, counts, close } = openStore(config.redisUrl, log);
  const { clientId, allowedClientIds, writesPerMinute } = config;
  let stopping = false;
  const app = createApi({
    ...{ clientId, allowedClientIds, writesPerMinute, metadata, keys, store, counts, log },
    isStopping: () => stopping,
  });
  const running = await serve(app, {
    port: config.port,
    // As helmet says with every answer of the API.
    isHttps: true,
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
  log.info(`To-do API on port ${running.port}`);
  return stopped;
}

function openStore(redisUrl: string | undefined, log: Logger): { store: TodoStore; counts: Counts; close: () => void } {
  if (redisUrl) {
    const redis = connectRedis(redisUrl, log);
    return { store: new RedisTodoStore(redis), counts: redisCounts(redis, log), close: () => redis.destroy() };
  }
  log.warn('REDIS_URL is not set: to-dos are kept in this process and are gone when it stops');
  return { store: new InProcessTodoStore(), counts: processCounts, close: () => {} };
}

loadEnvFile({ quiet: true });
try {
  process.exit(await run(readApiConfig(process.env)));
} catch (error) {
  const message = error instanceof Error ? error.message : 'failed';
  console.error(error instanceof SettingsError ? message : `The to-do API cannot start: ${message}`);
  process.exit(1);
}
