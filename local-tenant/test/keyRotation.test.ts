import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { todoApi } from '../src/seed/apps.ts';
import { DemoApp } from './DemoApp.ts';

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.stop());

const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });

async function publishedKids(): Promise<string[]> {
  const response = await fetch(`${tenant.origin}/${tenant.tenantId}/discovery/v2.0/keys`);
  return keySet.parse(await response.json()).keys.map(({ kid }) => kid);
}

async function signingKid(): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: `${todoApi.identifierUri}/.default` };
  const { body } = await new DemoApp(tenant).askTokens(form);
  return decodeProtectedHeader(String(body.access_token)).kid ?? '';
}

test('the key that will sign next is published before it does, and the last one stays', async () => {
  const before = await publishedKids();
  const signed = await signingKid();
  expect(before).toHaveLength(2);
  await tenant.control('rotate-keys');
  const next = await signingKid();
  expect(before.filter((kid) => kid !== signed)).toEqual([next]);
  const after = await publishedKids();
  expect(after).toHaveLength(3);
  expect(after).toEqual(expect.arrayContaining([signed, next]));
});

test('after two rotations the first key is gone', async () => {
  const signed = await signingKid();
  await tenant.control('rotate-keys', { abrupt: false });
  await tenant.control('rotate-keys');
  expect(await publishedKids()).not.toContain(signed);
});

test('an abrupt rotation signs with a key that was never published before, and withdraws the others', async () => {
  const before = await publishedKids();
  await tenant.control('rotate-keys', { abrupt: true });
  const after = await publishedKids();
  expect(after.filter((kid) => before.includes(kid))).toEqual([]);
  expect(after).toContain(await signingKid());
});

test('a rotation of another kind is refused', async () => {
  expect((await tenant.control('rotate-keys', { abrupt: 'yes' })).status).toBe(400);
});
