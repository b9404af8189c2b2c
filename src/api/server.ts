import { MetadataSource } from '../entra/MetadataSource.ts';
import { TenantKeys } from '../entra/TenantKeys.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { processCounts, redisCounts } from '../runtime/rateLimit.ts';
import { runServer } from '../runtime/runServer.ts';
import { createApi } from './app.ts';
import { readApiConfig } from './config.ts';
import { InProcessTodoStore } from './InProcessTodoStore.ts';
import { RedisTodoStore } from './RedisTodoStore.ts';

process.exit(
  await runServer(process.env, {
    name: 'api',
    title: 'The to-do API',
    records: 'to-dos',
    readConfig: readApiConfig,
    build(config, { log, redis, isStopping }) {
      const http = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
      const metadata = new MetadataSource({ settings: config.tenant, http, log });
      const app = createApi({
        clientId: config.clientId,
        allowedClientIds: config.allowedClientIds,
        metadata,
        keys: new TenantKeys({ metadata, http, log }),
        store: redis ? new RedisTodoStore(redis) : new InProcessTodoStore(),
        writesPerMinute: config.writesPerMinute,
        counts: redis ? redisCounts(redis, log) : processCounts,
        log,
        isStopping,
      });
      return {
        app,
        onListening(port) {
          metadata.start();
          log.info(`To-do API on port ${port}`);
        },
        onStopped: () => metadata.stop(),
      };
    },
  }),
);
