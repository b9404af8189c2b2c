import { startTenant as start, type TenantOptions } from 'entra-local-tenant';

export interface RunningTenant {
  readonly origin: string;
  readonly tenantId: string;
  readonly subdomain: string;
  readonly metadataUrl: string;
  /** What the tenant logged. */
  readonly logged: readonly string[];
  /** Posts a command of the tenant's test control, such as `control('faults', { name: 'token-500', times: 1 })`. */
  control(command: string, body?: object): Promise<Response>;
  stop(): Promise<void>;
}

/**
 * Starts a local tenant on a free port of this machine.
 * @param settings besides its address, such as TENANT_FILE
 * @param document its apps, APIs and customers; default: the seed's
 */
export async function startTenant(
  settings: TenantOptions['settings'] = {},
  document?: TenantOptions['document'],
): Promise<RunningTenant> {
  const logged: string[] = [];
  const tenant = await start({ settings, log: (line) => logged.push(line), ...(document ? { document } : {}) });
  const { TENANT_ID = '', TENANT_SUBDOMAIN = '', METADATA_URL = '' } = tenant.settings;
  return {
    origin: tenant.address,
    logged,
    tenantId: TENANT_ID,
    subdomain: TENANT_SUBDOMAIN,
    metadataUrl: METADATA_URL,
    control: (command, body = {}) =>
      fetch(`${tenant.address}/dev/${command}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stop: () => tenant.stop(),
  };
}
