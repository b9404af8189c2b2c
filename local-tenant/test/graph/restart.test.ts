import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../../test/support/startTenant.ts';
import { emptySeed } from '../../src/seed/seed.ts';
import { DemoApp } from '../DemoApp.ts';
import { Administrator } from './Administrator.ts';
import { registerAll } from './registering.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-'));
  path = join(folder, 'tenant.json');
});
afterEach(() => rm(folder, { recursive: true }));

async function withTenant<Result>(run: (tenant: RunningTenant) => Promise<Result>): Promise<Result> {
  const tenant = await startTenant({ TENANT_FILE: path });
  try {
    return await run(tenant);
  } finally {
    await tenant.stop();
  }
}

const write = (saveRegistrations: boolean) => writeFile(path, JSON.stringify({ ...emptySeed, saveRegistrations }));
const register = () => withTenant(async (tenant) => registerAll(await Administrator.signIn(tenant)));
const askAppOnly = ({ web, api, secret }: Awaited<ReturnType<typeof register>>) =>
  withTenant(async (tenant) => {
    const form = { grant_type: 'client_credentials', scope: `api://${api.appId}/.default` };
    return (await new DemoApp(tenant).askTokens({ client_id: web.appId, client_secret: secret, ...form })).status;
  });

test('with saveRegistrations, registrations survive a restart, in a file that only its owner can read', async () => {
  await write(true);
  const made = await register();
  expect(await askAppOnly(made)).toBe(200);
  expect((await stat(join(folder, 'tenant.graph.json'))).mode & 0o777).toBe(0o600);
});

test('without saveRegistrations, nothing is saved', async () => {
  await write(false);
  const made = await register();
  expect(await askAppOnly(made)).toBe(400);
  await expect(stat(join(folder, 'tenant.graph.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('an error names a damaged file, but not its contents', async () => {
  await write(true);
  await register();
  const saved = join(folder, 'tenant.graph.json');
  const text = await readFile(saved, 'utf8');
  for (const broken of [text.slice(0, -20), text.replace('"signInAudience": "AzureADMyOrg"', '"signInAudience": 1')]) {
    await writeFile(saved, broken);
    await expect(withTenant(async () => undefined)).rejects.toThrow(
      `${saved} was not written by the local tenant, or was damaged\nDelete it`,
    );
  }
});

test('a reset restores the registrations of the start, and only those', async () => {
  await write(true);
  await register();
  await withTenant(async (tenant) => {
    const administrator = await Administrator.signIn(tenant);
    const names = async () => (await administrator.list('/applications')).map(({ displayName }) => displayName);
    await administrator.post('/applications', { displayName: 'Later' });
    expect(await names()).toEqual(['Orders', 'Shop', 'Later']);
    await tenant.control('reset');
    expect(await names()).toEqual(['Orders', 'Shop']);
  });
});
