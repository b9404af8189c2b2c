import { type RunningTenant, SettingsError, seededPassword, startTenant, webApp } from 'entra-local-tenant';
import { afterEach, expect, test } from 'vitest';

const started: RunningTenant[] = [];
afterEach(() => Promise.all(started.splice(0).map((tenant) => tenant.stop())));

async function start(...options: Parameters<typeof startTenant>): Promise<RunningTenant> {
  const tenant = await startTenant(...options);
  started.push(tenant);
  return tenant;
}

const read = async (url: string | undefined) => (await fetch(url ?? '')).json();

test('a tenant starts on a free port with the customers and apps of the seed', async () => {
  const { address, settings, customers } = await start();
  expect(settings).toMatchObject({ CLIENT_ID: webApp.clientId, CLIENT_SECRET: webApp.secret });
  expect(await read(settings.METADATA_URL)).toMatchObject({
    issuer: `https://${settings.TENANT_ID}.ciamlogin.com/${settings.TENANT_ID}/v2.0`,
    token_endpoint: `${address}/${settings.TENANT_ID}/oauth2/v2.0/token`,
  });
  expect(customers[0]).toMatchObject({ email: 'alice@example.com', password: seededPassword });
});

test('two tenants with documents and settings of their own run side by side', async () => {
  const lines: string[] = [];
  const customer = { oid: webApp.clientId, email: 'ada@example.com', displayName: 'Ada' };
  const document = { displayName: 'Fabrikam', customers: [customer] };
  const own = await start({ document, settings: { TENANT_SUBDOMAIN: 'fabrikam' }, log: (line) => lines.push(line) });
  const seeded = await start();
  expect(own.customers).toMatchObject([customer]);
  expect(own.settings.TENANT_SUBDOMAIN).toBe('fabrikam');
  expect(seeded.customers.length).toBeGreaterThan(1);
  await fetch(`${own.address}/${own.settings.TENANT_ID}/oauth2/v2.0/authorize`);
  expect(lines.join('\n')).toContain('Refused: AADSTS900144');
});

test('an armed fault shows in the next answer only', async () => {
  const { faults, settings } = await start();
  faults.arm('discovery-500');
  expect((await fetch(settings.METADATA_URL ?? '')).status).toBe(500);
  expect((await fetch(settings.METADATA_URL ?? '')).status).toBe(200);
  expect(faults.list().length).toBeGreaterThan(40);
  expect(() => faults.arm('no-such-fault')).toThrow('There is no fault named no-such-fault; list() names them all.');
});

test('wrong settings and a port in use are refused, and the port is free again', async () => {
  await expect(startTenant({ settings: { TENANT_ID: 'x' } })).rejects.toThrow(SettingsError);
  const { address, stop } = await startTenant();
  const port = Number(new URL(address).port);
  await expect(startTenant({ port })).rejects.toThrow(`Port ${port} is taken by another program.`);
  await stop();
  await expect(fetch(address)).rejects.toThrow();
});
