import { seededCustomers, seededPassword, terminal, todoApi } from 'entra-local-tenant';
import type { IssuedTokens } from '../../src/entra/issuedTokens.ts';
import { PublicAuthProvider } from '../../src/headless/PublicAuthProvider.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { Browser } from '../support/Browser.ts';
import type { RunningTenant } from '../support/startTenant.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const [alice] = seededCustomers;

export const http = createHttpClient({ timeoutMs: 8_000, maxBodyBytes: 256 * 1024 });

/** The headless app's settings for the local tenant. */
export function configFor({ subdomain, tenantId, metadataUrl }: RunningTenant) {
  const tenant = { subdomain, tenantId, metadataUrl };
  return {
    tenant,
    clientId: terminal.clientId,
    todoApiClientId: todoApi.clientId,
    todoApiUrl: 'http://localhost:3001',
  };
}

/** Enters the code and signs in on the tenant's pages. */
export async function useCode(page: string, userCode: string, email: string = alice.email): Promise<void> {
  const browser = new Browser();
  await browser.goto(page);
  await browser.submit('Next', { user_code: userCode });
  await browser.submit('Continue');
  await browser.submit('Next', { email });
  await browser.submit('Sign in', { password: seededPassword });
}

/** Signs in with a device code; the customer uses the code during the first wait. */
export async function signInWithCode(tenant: RunningTenant, email: string = alice.email): Promise<IssuedTokens> {
  const clock = new VirtualClock();
  const provider = new PublicAuthProvider({ config: configFor(tenant), http, clock });
  return await provider.signInWithDeviceCode(({ userCode, verificationPage }) => {
    clock.whileWaiting = async () => {
      clock.whileWaiting = () => {};
      await useCode(verificationPage, userCode, email);
    };
  }, new AbortController().signal);
}
