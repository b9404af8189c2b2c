import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createLogger } from '../../src/runtime/logger.ts';
import { type RunningServer, serve, stopOnSignal } from '../../src/runtime/serve.ts';
import { isProduction } from '../../src/runtime/settings.ts';
import { serveTenant } from './app.ts';
import { appSettings, describeAdministrators, describeSignIns } from './appSettings.ts';
import { readTenantConfig } from './config.ts';
import { createTenant, type Tenant } from './state/tenant.ts';
import { serveWithTls } from './tls.ts';

const log = createLogger('tenant', 'text');

try {
  if (isProduction(process.env)) {
    throw new Error('The local tenant is for development only: anybody may sign in. Unset NODE_ENV=production.');
  }
  const config = readTenantConfig({
    ...process.env,
    ...(process.argv.includes('--tls') ? { TENANT_TLS: '1' } : {}),
    ...(process.argv.includes('--empty') ? { TENANT_EMPTY: '1' } : {}),
  });
  const tenant = await createTenant(config, log);
  const running = await listen(tenant);
  // Before the first line: whoever waits for it may stop the program at once.
  const stopped = stopOnSignal(running, log);
  announce(tenant);
  process.exit(await stopped);
} catch (error) {
  // Not logged: a log line shows the line breaks between several problems as \n.
  console.error(error instanceof Error ? error.message : 'The local tenant cannot start');
  process.exit(1);
}

async function listen(tenant: Tenant): Promise<RunningServer> {
  const { faults, config } = tenant;
  const app = serveTenant(tenant);
  if (!config.hasOwnTls) return serve(app, { port: config.port, host: 'localhost', log });
  const running = await serveWithTls(app, { port: config.port, log, faults });
  const file = resolve('.local-tenant/certificate.pem');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, running.certificate);
  log.info(`The certificate for localhost, new at each start, is in ${file}`);
  log.info(
    `Trust it: NODE_EXTRA_CA_CERTS=${file} (Node), REQUESTS_CA_BUNDLE=${file} (Python), --cacert ${file} (curl)`,
  );
  return running;
}

function announce({ config, customers, registrations }: Tenant): void {
  const settings = Object.entries(appSettings(config, registrations)).map(([name, value]) => `  ${name}=${value}`);
  const lines = [
    `The local tenant is at ${config.baseUrl} (mail: ${config.baseUrl}/inbox)`,
    ...describeSignIns(customers.written()).map((signIn) => `Sign in as ${signIn}`),
    ...describeAdministrators(customers.written()).map((signIn) => `Administrator: ${signIn}`),
    'Settings for the apps:',
    ...settings,
  ];
  for (const line of lines) log.info(line);
}
