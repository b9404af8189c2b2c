import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { daemon, todoApi } from '../src/seed/apps.ts';
import { signInAndCompare, writeCrowd } from './crowd.ts';
import { DemoApp } from './DemoApp.ts';

let folder: string;
let emails: string[];
let tenant: RunningTenant;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crowd-'));
  const TENANT_FILE = join(folder, 'tenant.json');
  emails = await writeCrowd(TENANT_FILE, 30);
  tenant = await startTenant({ TENANT_FILE });
});
afterAll(async () => {
  await tenant.stop();
  await rm(folder, { recursive: true });
});

test('thirty customers who sign in at once get their own tokens', async () => {
  const differences = await Promise.all(emails.map((email) => signInAndCompare(tenant, email)));
  expect(differences.flat()).toEqual([]);
}, 30_000);

test('two hundred token requests at once are answered, each with a token of its own', async () => {
  const app = new DemoApp(tenant);
  const form = {
    client_id: daemon.clientId,
    client_secret: daemon.secret,
    grant_type: 'client_credentials',
    scope: `${todoApi.identifierUri}/.default`,
  };
  const answers = await Promise.all(Array.from({ length: 200 }, () => app.askTokens(form)));
  const ids = answers.map(({ body }) => decodeJwt(String(body.access_token)).uti);
  expect(new Set(ids).size).toBe(200);
}, 30_000);
