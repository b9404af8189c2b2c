import { ConfidentialClientApplication } from '@azure/msal-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { daemon, todoApi, webApp } from '../src/seed/apps.ts';
import { seededCustomers, seededPassword } from '../src/seed/customers.ts';
import { DemoApp, readScope, redirectUri, verifier } from './DemoApp.ts';

const [alice] = seededCustomers;
let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.stop());

/** MSAL refuses http authorities, but takes http endpoints from metadata that it is given. */
async function createMsal(clientId: string, clientSecret: string) {
  const { host } = new URL(tenant.origin);
  const authorityMetadata = await (await fetch(tenant.metadataUrl)).text();
  const authority = `https://${host}/${tenant.tenantId}`;
  return new ConfidentialClientApplication({
    auth: { clientId, clientSecret, authority, knownAuthorities: [host], authorityMetadata },
  });
}

async function signIn(msal: ConfidentialClientApplication) {
  const challenge = new DemoApp(tenant).authorizeUrl().searchParams.get('code_challenge') ?? '';
  const url = await msal.getAuthCodeUrl({
    scopes: [readScope],
    redirectUri,
    state: 'msal-state',
    nonce: 'msal-nonce',
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
  });
  const answer = await new TenantBrowser().signIn(url, alice.email, seededPassword);
  const code = answer.searchParams.get('code') ?? '';
  const request = { code, scopes: [readScope], redirectUri, codeVerifier: verifier, nonce: 'msal-nonce' };
  return msal.acquireTokenByCode(request);
}

test('MSAL Node signs a customer in and finds the access token in its cache', async () => {
  const msal = await createMsal(webApp.clientId, webApp.secret);
  const result = await signIn(msal);
  expect(result.account).toMatchObject({
    homeAccountId: `${alice.oid}.${tenant.tenantId}`,
    tenantId: tenant.tenantId,
    username: alice.email,
    name: alice.displayName,
  });
  expect(result.scopes).toContain(readScope);
  if (!result.account) throw new Error('No account');
  const silent = await msal.acquireTokenSilent({ account: result.account, scopes: [readScope] });
  expect(silent.fromCache).toBe(true);
  expect(silent.accessToken).toBe(result.accessToken);
});

test('MSAL Node refreshes an access token, again and again', async () => {
  const msal = await createMsal(webApp.clientId, webApp.secret);
  const { account, accessToken } = await signIn(msal);
  if (!account) throw new Error('No account');
  const seen = new Set([accessToken]);
  for (const _ of [1, 2]) {
    const request = { account, scopes: [readScope], forceRefresh: true };
    const refreshed = await msal.acquireTokenSilent(request);
    expect(refreshed.fromCache).toBe(false);
    seen.add(refreshed.accessToken);
  }
  expect(seen.size).toBe(3);
});

test('MSAL Node gets an app-only token', async () => {
  const msal = await createMsal(daemon.clientId, daemon.secret);
  const result = await msal.acquireTokenByClientCredential({ scopes: [`${todoApi.identifierUri}/.default`] });
  expect(result?.accessToken.split('.')).toHaveLength(3);
});

test('MSAL Node reports a wrong secret with the tenant’s code', async () => {
  const msal = await createMsal(webApp.clientId, 'wrong');
  await expect(signIn(msal)).rejects.toMatchObject({
    errorCode: 'invalid_client',
    errorNo: 7000215,
    errorMessage: expect.stringContaining('AADSTS7000215'),
  });
});
