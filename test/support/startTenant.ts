import { createServer } from 'node:http';
import { createTenantApp } from '../../local-tenant/src/app.ts';
import { readTenantConfig } from '../../local-tenant/src/config.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import type { Environment } from '../../src/runtime/settings.ts';

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
 */
export async function startTenant(settings: Environment = {}): Promise<RunningTenant> {
  // Listen first: the tenant's metadata contains the port.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const origin = `http://localhost:${port}`;
  const config = readTenantConfig({ BASE_URL: origin, ...settings });
  const logged: string[] = [];
  server.on(
    'request',
    await createTenantApp(
      config,
      createLogger('tenant', 'text', (line) => logged.push(line)),
    ),
  );
  return {
    ...{ origin, logged, tenantId: config.tenantId, subdomain: config.subdomain },
    metadataUrl: `${origin}/${config.tenantId}/v2.0/.well-known/openid-configuration`,
    control: (command, body = {}) =>
      fetch(`${origin}/dev/${command}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
