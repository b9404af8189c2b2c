import { appSettings } from './appSettings.ts';
import { readTenantConfig } from './config.ts';
import type { Faults } from './faults/Faults.ts';
import type { WrittenCustomer, WrittenDocument } from './registrations/document.ts';
import { createLogger } from './runtime/logger.ts';
import { serve } from './runtime/serve.ts';
import type { Environment } from './runtime/settings.ts';

export interface TenantOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The tenant's apps, APIs, customers and user flows; default: those of the seed. */
  readonly document?: WrittenDocument;
  /** Settings by their names, such as `TENANT_SUBDOMAIN`; `entra-local-tenant --help` lists them. */
  readonly settings?: Environment;
  /** Takes each line of the log; default: they are dropped. */
  readonly log?: (line: string) => void;
}

export interface RunningTenant {
  /** Such as `http://localhost:40123`. */
  readonly address: string;
  /** What an app needs to use this tenant, by the names in the environment: `CLIENT_ID`, `METADATA_URL` and others. */
  readonly settings: Readonly<Record<string, string>>;
  /** Those of the document and those who have signed up since; with the password, where it was written in clear. */
  readonly customers: readonly WrittenCustomer[];
  /** Arms faults by name, such as `token-500`, for a number of answers. */
  readonly faults: Pick<Faults, 'arm' | 'list' | 'clear'>;
  stop(): Promise<void>;
}

/**
 * Starts a local tenant in this process, on this machine's loopback address. Several can run side by side.
 * @throws {SettingsError} when the settings or the TENANT_FILE cannot be used.
 */
export async function startTenant({ port = 0, document, settings, log }: TenantOptions = {}): Promise<RunningTenant> {
  // Imported on first use, so that a program can read the seed's facts without loading the tenant.
  const [{ createApp }, { createTenant }] = await Promise.all([import('./app.ts'), import('./state/createTenant.ts')]);
  const logger = createLogger(log ?? (() => {}));
  const server = await serve(port, undefined, logger);
  try {
    const config = readTenantConfig({ BASE_URL: `http://localhost:${server.port}`, ...settings });
    const tenant = await createTenant(config, logger, document);
    server.use(createApp(tenant));
    return {
      address: config.baseUrl,
      settings: appSettings(config, tenant.registrations),
      get customers() {
        return tenant.customers.written();
      },
      faults: tenant.faults,
      stop: server.stop,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
