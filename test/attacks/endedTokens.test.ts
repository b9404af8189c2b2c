import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import { type System, startSystem } from '../support/system.ts';

const client = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 4 * 1024 * 1024 });
/** The access token that the API received for the customer. */
const seen = new Set<string>();
const todoHttp: HttpClient = {
  async request(request) {
    seen.add(request.headers?.authorization ?? '');
    return await client.request(request);
  },
};

let system: System;
let webUrl: string;
beforeAll(async () => {
  system = await startSystem();
  webUrl = await system.startWeb({}, { todoHttp });
});
afterAll(() => system.stop());

test('B-43 after sign-out the app no longer uses the access token, and the API accepts it until it expires', async () => {
  const browser = await system.signedIn('alice@example.com');
  await browser.goto(`${webUrl}/todos`);
  const [authorization = '', ...others] = seen;
  expect([authorization.startsWith('Bearer ey'), others]).toEqual([true, []]);
  await browser.goto(`${webUrl}/auth/signout`);
  await browser.submit('Sign out');
  seen.clear();
  expect((await browser.fetch(`${webUrl}/todos`)).status).toBe(303);
  expect([...seen]).toEqual([]);
  // A thief could still use it: docs/decisions.md says why.
  expect((await fetch(`${system.apiUrl}/api/todolist`, { headers: { authorization } })).status).toBe(200);
});
