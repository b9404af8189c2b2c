import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminal } from '../../src/seed/apps.ts';
import { readScope } from '../DemoApp.ts';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
});
afterAll(() => faulty.tenant.stop());

async function post(endpoint: 'devicecode' | 'token', form: Readonly<Record<string, string>>) {
  const url = `${faulty.tenant.origin}/${faulty.tenant.tenantId}/oauth2/v2.0/${endpoint}`;
  const body = new URLSearchParams({ client_id: terminal.clientId, ...form });
  const response = await fetch(url, { method: 'POST', body });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const askCode = () => post('devicecode', { scope: `openid ${readScope}` });
const poll = (code: string) => post('token', { grant_type: 'device_code', device_code: code });

test.each([
  ['device-no-interval', 'interval', undefined],
  ['device-interval-0', 'interval', 0],
  ['device-no-expires-in', 'expires_in', undefined],
  ['device-no-code', 'device_code', undefined],
])('%s: %s is %s, once', async (fault, field, value) => {
  await faulty.arm(fault);
  expect((await askCode()).body[field]).toBe(value);
  expect((await askCode()).body[field]).not.toBe(value);
});

test.each([
  ['device-slow-down', 400, { error: 'slow_down', error_description: 'Poll less often.' }],
  ['device-poll-500', 500, {}],
])('%s answers a poll, the next one is pending, and other grants do not see it', async (fault, status, body) => {
  const { device_code: code } = (await askCode()).body;
  await faulty.arm(fault);
  expect((await faulty.app.redeem(await faulty.signIn())).status).toBe(200);
  expect(await poll(code)).toEqual({ status, body });
  expect((await poll(code)).body.error).toBe('authorization_pending');
});

test('device-poll-reset resets the connection of a poll', async () => {
  const { device_code: code } = (await askCode()).body;
  await faulty.arm('device-poll-reset');
  await expect(poll(code)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect((await poll(code)).body.error).toBe('authorization_pending');
});
