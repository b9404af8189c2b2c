import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createApp } from './app.ts';
import { appSettings, describeSignIns } from './appSettings.ts';
import { readTenantConfig, type TenantConfig } from './config.ts';
import { help, readOptions } from './options.ts';
import { createLogger } from './runtime/logger.ts';
import { serve } from './runtime/serve.ts';
import { createTenant } from './state/createTenant.ts';
import type { Tenant } from './state/tenant.ts';

const log = createLogger();
const endSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
// A closed output must not end the tenant.
process.stdout.on('error', () => {});

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(help);
  } else {
    await run(options);
  }
} catch (error) {
  // Not logged: a log line shows the line breaks between several problems as \n.
  console.error(error instanceof Error ? error.message : 'The local tenant cannot start');
  process.exit(1);
}

async function run({ tls, empty, hosts, write, quiet }: ReturnType<typeof readOptions>): Promise<void> {
  if (process.env.NODE_ENV?.trim().toLowerCase() === 'production' || process.env.WEBSITE_HOSTNAME) {
    throw new Error('The local tenant is for development only: anybody may sign in. Unset NODE_ENV=production.');
  }
  const config = readTenantConfig({
    ...process.env,
    ...(tls ? { TENANT_TLS: '1' } : {}),
    ...(hosts ? { TENANT_HOSTS: '1' } : {}),
    ...(empty ? { TENANT_EMPTY: '1' } : {}),
  });
  const tenant = await createTenant(config, log);
  const running = config.hasOwnTls ? await listenWithTls(tenant) : await serve(config.port, createApp(tenant), log);
  // Before the first line: a program that waits for it may send a signal at once. A second signal ends the process.
  for (const name of endSignals) {
    process.once(name, async () => {
      log.info(`${name}: finishing open requests`);
      await running.stop();
      process.exit();
    });
  }
  if (config.hasEntraNames) await useHostsFile(config, { isWritten: write });
  log.info(`The local tenant is at ${config.baseUrl} (mail: ${config.baseUrl}/inbox)`);
  if (!quiet) describe(tenant);
}

async function useHostsFile(config: TenantConfig, { isWritten }: { readonly isWritten: boolean }): Promise<void> {
  const { addToHosts, hostsFile, hostsLine } = await import('./hostsFile.ts');
  const [line, path] = [hostsLine(config), hostsFile()];
  if (isWritten) {
    const remove = addToHosts(line, path);
    // At the signal already, because a second one ends the process at once.
    for (const name of ['exit', ...endSignals]) process.once(name, remove);
    log.info(`${path} sends Entra's names to this tenant until it stops`);
  } else {
    log.info(`Add this line to ${path} while this tenant runs. Without it, these names lead to Microsoft:`);
    log.info(line);
  }
}

async function listenWithTls(tenant: Tenant) {
  const [{ serveWithTls }, { entraHosts, ownAddress }] = await Promise.all([
    import('./tls.ts'),
    import('./hostsFile.ts'),
  ]);
  const { config, faults } = tenant;
  const names = config.hasEntraNames ? { address: ownAddress, hosts: entraHosts(config) } : {};
  const running = await serveWithTls(createApp(tenant), config.port, { faults, log, ...names });
  const file = resolve('.local-tenant/certificate.pem');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, running.certificate);
  log.info(`The certificate, new at each start, is in ${file}`);
  log.info(
    `Trust it: NODE_EXTRA_CA_CERTS=${file} (Node), REQUESTS_CA_BUNDLE=${file} (Python), --cacert ${file} (curl)`,
  );
  return running;
}

function describe({ config, customers, registrations }: Tenant): void {
  const lines = [
    ...describeSignIns(customers.written()).map((signIn) => `Sign in as ${signIn}`),
    ...describeSignIns(customers.written(), 'administrators').map((signIn) => `Administrator: ${signIn}`),
    'Settings for the apps:',
    ...Object.entries(appSettings(config, registrations)).map(([name, value]) => `  ${name}=${value}`),
  ];
  for (const line of lines) log.info(line);
}
