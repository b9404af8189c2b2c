import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { seed } from '../src/seed/seed.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';

const password = 'Crowded-Tenant-1!';

/** Writes a tenant file with as many customers as asked, and gives their addresses. */
export async function writeCrowd(file: string, count: number): Promise<string[]> {
  const emails = Array.from({ length: count }, (_, index) => `customer${index}@example.com`);
  const customers = emails.map((email) => ({ oid: randomUUID(), email, displayName: `Name of ${email}`, password }));
  await writeFile(file, JSON.stringify({ ...seed, customers }));
  return emails;
}

/** Signs a customer in, in a browser of their own, and gives what does not fit them in the answers; empty: all does. */
export async function signInAndCompare(
  tenant: Pick<RunningTenant, 'origin' | 'tenantId'>,
  email: string,
): Promise<string[]> {
  const app = new DemoApp(tenant);
  const expected = { state: `state of ${email}`, nonce: `nonce of ${email}` };
  const answer = await new TenantBrowser().signIn(app.authorizeUrl(expected), email, password);
  const redeemed = await app.redeem(answer);
  const refreshed = await app.askTokens({
    grant_type: 'refresh_token',
    refresh_token: String(redeemed.body.refresh_token),
  });
  const [first, second] = [claimsOf(redeemed, 'id_token'), claimsOf(refreshed, 'id_token')];
  const access = claimsOf(refreshed, 'access_token');
  const pairs: readonly [unknown, unknown][] = [
    [answer.searchParams.get('state'), expected.state],
    [first.nonce, expected.nonce],
    [first.preferred_username, email],
    [second.preferred_username, email],
    [first.name, `Name of ${email}`],
    [first.sub, second.sub],
    [access.oid, first.oid],
  ];
  return pairs.filter(([got, wanted]) => got !== wanted).map(([got, wanted]) => `${email}: ${got} is not ${wanted}`);
}
