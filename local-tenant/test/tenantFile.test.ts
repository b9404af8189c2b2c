import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { TenantFile } from '../src/registrations/TenantFile.ts';
import { createLogger } from '../src/runtime/logger.ts';
import { CustomerDirectory } from '../src/state/CustomerDirectory.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-'));
  path = join(folder, 'tenant.json');
});
afterEach(() => rm(folder, { recursive: true }));

const logged: string[] = [];
const log = createLogger((line) => logged.push(line));
const nia = { email: 'nia@example.com', displayName: 'Nia Novak', password: 'Correct horse 7' };

/** A document written by hand. */
const handWritten = `{ "displayName":   "Fabrikam",  "saveSignUps": true,
\t"userFlows": [ {"name":"One"} ],
    "customers": [
        {"oid": "00000000-0000-4000-8000-00000000000a", "email": "Ada@Example.com",
            "displayName": "Ada",  "password": "by hand"}
    ], "apps":[]   }
`;

/** A tenant's directory of the customers in the file. */
async function openDirectory(): Promise<CustomerDirectory> {
  const file = await TenantFile.open(path, log);
  return new CustomerDirectory(file.document.customers, (customer) => file.save(customer));
}

async function withTenant<Result>(use: (tenant: RunningTenant) => Promise<Result>): Promise<Result> {
  const tenant = await startTenant({ TENANT_FILE: path });
  try {
    return await use(tenant);
  } finally {
    await tenant.stop();
  }
}

/** The file that a tenant without a file offers, changed to save sign-ups. */
async function downloadSample(): Promise<string> {
  const tenant = await startTenant();
  const response = await fetch(`${tenant.origin}/dev/tenant.json`);
  await tenant.stop();
  expect(response.headers.get('content-disposition')).toContain('tenant.json');
  return (await response.text()).replace('"saveSignUps": false', '"saveSignUps": true');
}

test('a downloaded file can be used, and a new customer can sign in after a restart', async () => {
  await writeFile(path, await downloadSample());
  const oid = await withTenant(async (tenant) => {
    const app = new DemoApp(tenant);
    return claimsOf(await app.redeem(await new TenantBrowser().signUp(app.authorizeUrl(), nia)), 'id_token').oid;
  });
  expect(await readFile(path, 'utf8')).not.toContain(nia.password);
  await withTenant(async (tenant) => {
    const app = new DemoApp(tenant);
    const answer = await new TenantBrowser().signIn(app.authorizeUrl(), nia.email, nia.password);
    expect(claimsOf(await app.redeem(answer), 'id_token')).toMatchObject({ oid, name: 'Nia Novak' });
  });
});

test('without saveSignUps, the file does not change', async () => {
  const text = (await downloadSample()).replace('"saveSignUps": true', '"saveSignUps": false');
  await writeFile(path, text);
  const offered = await withTenant(async (tenant) => {
    await new TenantBrowser().signUp(new DemoApp(tenant).authorizeUrl(), nia);
    return (await fetch(`${tenant.origin}/dev/tenant.json`)).text();
  });
  expect(await readFile(path, 'utf8')).toBe(text);
  expect(JSON.parse(offered).customers).toHaveLength(4);
});

test('the tenant takes its name and customers from the file', async () => {
  await writeFile(path, handWritten);
  await withTenant(async ({ origin }) => {
    const home = await (await fetch(origin)).text();
    expect(home).toContain('Fabrikam');
    expect(home).not.toContain('Contoso');
    expect(home).toContain('ada@example.com');
  });
});

test('a sign-up is added after the other customers, and every other character stays', async () => {
  await writeFile(path, handWritten);
  await (await openDirectory()).add(nia);
  const text = await readFile(path, 'utf8');
  const end = handWritten.indexOf('\n    ], "apps"');
  expect(text.startsWith(`${handWritten.slice(0, end)},\n        {\n          "oid"`)).toBe(true);
  expect(text.endsWith(handWritten.slice(end))).toBe(true);
});

test.each([
  ['an empty list', '{\r\n  "displayName": "F", "saveSignUps": true,\r\n  "customers": []\r\n}\r\n'],
  ['no list', '\uFEFF{\r\n  "displayName": "F", "saveSignUps": true\r\n}'],
])('a sign-up is added to %s, with the line breaks of the file', async (_name, text) => {
  await writeFile(path, text);
  await (await openDirectory()).add(nia);
  const saved = await readFile(path, 'utf8');
  expect(saved).not.toMatch(/[^\r]\n/);
  expect((await openDirectory()).findByEmail(nia.email)?.displayName).toBe('Nia Novak');
});

test('a customer without an oid has the same one after each restart, and a changed password is saved in place', async () => {
  const document = handWritten.replace(/"oid": "[^"]*", /, '');
  await writeFile(path, document);
  const directory = await openDirectory();
  const oid = directory.findByEmail('ada@example.com')?.oid ?? '';
  expect(oid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  await directory.setPassword(oid, nia.password);
  const written = JSON.parse(await readFile(path, 'utf8'));
  expect(written.customers).toEqual([
    { email: 'Ada@Example.com', displayName: 'Ada', passwordHash: expect.stringMatching(/^scrypt/) },
  ]);
  expect((await openDirectory()).findByEmail('ada@example.com')?.oid).toBe(oid);
});

test('a changed password replaces the clear-text password of that customer only, and survives a restart', async () => {
  await writeFile(path, handWritten);
  const directory = await openDirectory();
  const ada = await directory.authenticate('ada@example.com', 'by hand');
  await directory.setPassword(ada?.oid ?? '', 'changed');
  const restarted = await openDirectory();
  expect(await restarted.authenticate('ada@example.com', 'by hand')).toBeUndefined();
  expect(await restarted.authenticate('ADA@example.com', 'changed')).toEqual(ada);
  expect(await readFile(path, 'utf8')).not.toContain('by hand');
});

test('customers who sign up at the same time are all saved, and no temporary file is left behind', async () => {
  await writeFile(path, handWritten);
  const directory = await openDirectory();
  const emails = Array.from({ length: 25 }, (_, index) => `c${index}@example.com`);
  await Promise.all(emails.map((email) => directory.add({ ...nia, email })));
  const restarted = await openDirectory();
  expect(emails.filter((email) => !restarted.findByEmail(email))).toEqual([]);
  expect(await readdir(folder)).toEqual(['tenant.json']);
});

test('an edit while the tenant runs is kept; an unfinished edit delays saving', async () => {
  await writeFile(path, handWritten);
  const directory = await openDirectory();
  for (const unfinished of ['"apps":', '"app"']) {
    await writeFile(path, handWritten.replace('"apps"', unfinished));
    await directory.add({ ...nia, email: `${unfinished.length}@example.com` });
    expect(await readFile(path, 'utf8')).toBe(handWritten.replace('"apps"', unfinished));
    expect(logged.at(-1)).toContain('could not be written');
  }
  await writeFile(path, handWritten.replace('Fabrikam', 'Tailspin'));
  await directory.add({ email: 'omar@example.com', displayName: 'Omar' });
  const text = await readFile(path, 'utf8');
  for (const expected of ['Tailspin', '7@example.com', '5@example.com', 'omar@example.com'])
    expect(text).toContain(expected);
});

test('signing up again after a reset replaces the earlier account', async () => {
  await writeFile(path, handWritten);
  const directory = await openDirectory();
  await directory.add(nia);
  directory.reset();
  const again = await directory.add({ ...nia, displayName: 'Nia again' });
  expect((await openDirectory()).findByEmail(nia.email)).toEqual(again);
});

test('a symbolic link to the file and the permissions of the file are kept', async () => {
  const target = join(folder, 'target.json');
  await writeFile(target, handWritten, { mode: 0o600 });
  await symlink(target, path);
  await (await openDirectory()).add(nia);
  expect(await readFile(target, 'utf8')).toContain(nia.email);
  expect((await stat(target)).mode & 0o777).toBe(0o600);
});
