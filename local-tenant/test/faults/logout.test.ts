import { afterAll, beforeAll, expect, test } from 'vitest';
import { TenantBrowser } from '../../../test/support/TenantBrowser.ts';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
});
afterAll(() => faulty.tenant.stop());

test.each([
  ['logout-wrong-state', '?state=not-the-state'],
  ['logout-no-state', ''],
])('%s: the redirect has the query "%s", once', async (fault, query) => {
  const { origin, tenantId } = faulty.tenant;
  const target = 'http://localhost:3000/auth/signed-out';
  const parameters = new URLSearchParams({ post_logout_redirect_uri: target, state: 'bye' });
  const url = `${origin}/${tenantId}/oauth2/v2.0/logout?${parameters}`;
  await faulty.arm(fault);
  expect((await new TenantBrowser().open(url)).url.href).toBe(`${target}${query}`);
  expect((await new TenantBrowser().open(url)).url.href).toBe(`${target}?state=bye`);
});
