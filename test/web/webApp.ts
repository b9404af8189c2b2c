import type { Express } from 'express';
import { type TenantMetadata, TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import type { HttpClient } from '../../src/runtime/httpClient.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { processCounts } from '../../src/runtime/rateLimit.ts';
import { createWebApp } from '../../src/web/app.ts';
import { readWebConfig } from '../../src/web/config.ts';
import { MemoryKeyValueStore } from '../../src/web/session/MemoryKeyValueStore.ts';
import { complete } from './webSettings.ts';

type Dependencies = Parameters<typeof createWebApp>[1];

const silent: Logger = { info: () => {}, warn: () => {}, error: () => {} };
const nothing: HttpClient = { request: () => Promise.reject(new Error('nothing to talk to')) };

/** Metadata of a tenant that has not answered yet. */
export const unknownMetadata = {
  ready: () => false,
  current: (): TenantMetadata => {
    throw new TenantUnavailable('not known yet');
  },
};

/** The web app alone, without a tenant, an API or a port, for supertest. It answers requests for the host `localhost`. */
export function webAppAlone(changes: Partial<Dependencies> = {}): Express {
  const dependencies = {
    metadata: { ...unknownMetadata, ready: () => true },
    keys: { get: () => Promise.reject(new Error('no keys')) },
    credentials: {
      advice: '',
      current: () => Promise.reject(new Error('no credential')),
      ready: () => true,
      renew: () => Promise.resolve(false),
    },
    tenantHttp: nothing,
    todoHttp: nothing,
    records: new MemoryKeyValueStore(),
    counts: processCounts,
    log: silent,
    write: () => {},
    ...changes,
  };
  return createWebApp(readWebConfig(complete), dependencies);
}
