import { resolve } from 'node:path';
import { readTenantConfig } from 'entra-local-tenant';
import { afterEach, expect, test } from 'vitest';
import { startProgram } from './support/childProcess.ts';
import { freePort } from './support/freePort.ts';
import { codeOf, HeadlessTerminal, letIn } from './support/HeadlessTerminal.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** `npm run headless --`, but in a folder without a developer's `.env`. */
const source = resolve(import.meta.dirname, '../src');
const command = `exec '${process.execPath}' --import '${import.meta.resolve('tsx')}' --import '${source}/devHeadless.ts' '${source}/headless/main.ts'`;
/** An empty setting counts as missing. */
const noTenant = {
  TENANT_SUBDOMAIN: '',
  TENANT_ID: '',
  METADATA_URL: '',
  HEADLESS_CLIENT_ID: '',
  TODO_API_URL: '',
  TODO_API_CLIENT_ID: '',
};

async function openTerminal(origin: string): Promise<HeadlessTerminal> {
  const terminal = await HeadlessTerminal.open({ origin, tenantId: readTenantConfig({}).tenantId });
  cleanups.push(() => terminal.remove());
  return terminal;
}

test('npm run headless works beside npm run dev with nothing set', { timeout: 60_000 }, async () => {
  const [PORT, API_PORT, TENANT_PORT] = [await freePort(), await freePort(), await freePort()].map(String);
  const ports = { PORT: PORT ?? '', API_PORT: API_PORT ?? '', TENANT_PORT: TENANT_PORT ?? '' };
  const dev = await startProgram('dev', ports);
  cleanups.push(() => dev.stop());
  await dev.prints(/Terminal {2}in another one: npm run headless -- sign-in\n/);

  const tenantUrl = `http://localhost:${ports.TENANT_PORT}`;
  const terminal = await openTerminal(tenantUrl);
  const env = { ...noTenant, ...ports };
  const { program } = terminal.start(`${command} sign-in`, env);
  await letIn(tenantUrl, await codeOf(program), 'alice@example.com');
  expect((await terminal.end(program)).stdout).toBe('Signed in as Alice Archer.\n');
  expect((await terminal.run(`${command} add Buy milk`, env)).stdout).toMatch(/^Added \d+: Buy milk\n$/);
});

test.each([
  [{ TENANT_SUBDOMAIN: 'fabrikam' }, 'HEADLESS_CLIENT_ID is missing'],
  [{ HEADLESS_CLIENT_ID: '00001111-aaaa-2222-bbbb-3333cccc4444' }, 'TENANT_SUBDOMAIN is missing'],
  [{ CLIENT_ID: '00001111-aaaa-2222-bbbb-3333cccc4444' }, 'HEADLESS_CLIENT_ID is missing'],
  [{ TENANT_FILE: '/nowhere/tenant.json' }, '/nowhere/tenant.json'],
  [{ API_PORT: 'x' }, 'API_PORT must be'],
])('npm run headless with %j says what is wrong instead of using the local tenant', async (settings, problem) => {
  const terminal = await openTerminal('http://localhost:9');
  const { code, output } = await terminal.run(`${command} list`, { ...noTenant, ...settings });
  expect(code).not.toBe(0);
  expect(output).toContain(problem);
});
