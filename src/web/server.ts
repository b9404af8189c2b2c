import { createCredentialSource } from '../entra/credentials/createCredentialSource.ts';
import { MetadataSource } from '../entra/MetadataSource.ts';
import { TenantKeys } from '../entra/TenantKeys.ts';
import { createHttpClient } from '../runtime/httpClient.ts';
import { processCounts, redisCounts } from '../runtime/rateLimit.ts';
import { runServer } from '../runtime/runServer.ts';
import { createWebApp } from './app.ts';
import { TokenCallPace } from './auth/TokenCallPace.ts';
import { readWebConfig } from './config.ts';
import { MemoryKeyValueStore } from './session/MemoryKeyValueStore.ts';
import { RedisKeyValueStore } from './session/RedisKeyValueStore.ts';

process.exit(
  await runServer(process.env, {
    name: 'web',
    title: 'The web app',
    records: 'sessions',
    readConfig: readWebConfig,
    async build(config, { log, redis, isStopping }) {
      const http = createHttpClient({ timeoutMs: 8_000, maxBodyBytes: 256 * 1024 });
      const metadata = new MetadataSource({ settings: config.tenant, http, log });
      const credentials = createCredentialSource(config.credential, { http, log });
      await credentials.start();
      const app = createWebApp(config, {
        metadata,
        keys: new TenantKeys({ metadata, http, log }),
        credentials,
        tenantHttp: new TokenCallPace(http, config.tokenCallsPerSecond),
        todoHttp: createHttpClient({ timeoutMs: 3_000, maxBodyBytes: 2 * 1024 * 1024 }),
        records: redis ? new RedisKeyValueStore(redis) : new MemoryKeyValueStore(),
        counts: redis ? redisCounts(redis, log) : processCounts,
        log,
        isStopping,
      });
      return {
        app,
        onListening(port) {
          metadata.start();
          log.info('The web app is listening', { url: config.baseUrl, port, credential: credentials.name });
        },
        onStopped: () => metadata.stop(),
      };
    },
  }),
);
