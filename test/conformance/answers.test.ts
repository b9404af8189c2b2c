import { webApp } from 'entra-local-tenant';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import { Player } from './player.ts';

let player: Player;
beforeAll(async () => {
  player = await Player.start();
});
afterAll(() => player.system.stop());

test('oidcc-client-test', async () => {
  const played = await player.signIn(undefined);
  await player.expectSignedIn(played);
  const { searchParams: request } = played.request;
  expect(request.get('scope')?.split(' ')).toContain('openid');
  expect([request.get('response_type'), request.get('client_id')]).toEqual(['code', webApp.clientId]);
  expect(request.get('redirect_uri')).toBe(`${player.system.webUrl}/auth/redirect`);
  // What the suite warns of: a long nonce, one of other characters, one with less than 96 bits.
  expect(request.get('nonce')).toMatch(/^[\w.~-]{22,43}$/);
});

test('oidcc-client-test-scope-userinfo-claims', async () => {
  const played = await player.signIn(undefined);
  await player.expectSignedIn(played);
  expect(played.request.searchParams.get('scope')?.split(' ')).toContain('profile');
  expect(played.browser.text()).toContain('Alice');
});

test('oidcc-client-test-idtoken-sig-rs256', async () => {
  const { tenantUrl, tenantId } = player.system;
  const metadata = await (await fetch(`${tenantUrl}/${tenantId}/v2.0/.well-known/openid-configuration`)).json();
  expect(metadata).toMatchObject({ id_token_signing_alg_values_supported: ['RS256'] });
  await player.expectSignedIn(await player.signIn(undefined));
});

test('fapi1-advanced-final-client-test-missing-athash', async () => {
  const played = await player.signIn(undefined);
  await player.expectSignedIn(played);
  // The page shows every claim.
  expect(played.browser.text()).toContain('nonce');
  expect(played.browser.text()).not.toContain('at_hash');
});

test.each([
  ['fapi1-advanced-final-client-test-no-scope-in-token-endpoint-response', 'token-no-scope'],
  ['fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in', 'token-no-expires-in'],
  ['fapi2-security-profile-final-client-test-token-type-case-insensitivity', 'token-type-mixed-case'],
])('%s', async (_name, fault) => {
  const played = await player.signIn(fault);
  await player.expectSignedIn(played);
  // The access token is valid for the requested scope.
  const list = await played.browser.goto('/todos');
  expect([list.status, list.url.pathname]).toEqual([200, '/todos']);
});

test.each([
  [
    'fapi2-security-profile-final-client-test-invalid-authorization-response-iss',
    'answer-issuer-one-more',
    'foreign issuer',
  ],
  [
    'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails',
    'answer-wrong-state',
    'unknown attempt',
  ],
  [
    'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails',
    'answer-no-state',
    'malformed answer',
  ],
])('%s', async (_name, fault, reason) => {
  await player.expectAnswerRefused(await player.signIn(fault), reason);
});

test('fapi2-security-profile-final-client-test-remove-authorization-response-iss', async () => {
  await player.system.control('faults', { name: 'discovery-iss-parameter', times: 1 });
  const webUrl = await player.system.startWeb({});
  await player.expectAnswerRefused(await player.signIn(undefined, webUrl), 'foreign issuer');
});

test('oidcc-client-test-client-secret-basic', async () => {
  const client = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
  const sent: string[] = [];
  const tenantHttp: HttpClient = {
    async request(request) {
      if (!new URL(request.url).pathname.endsWith('/token')) return await client.request(request);
      sent.push(`${Object.keys(request.headers ?? {})} ${[...new URLSearchParams(request.body).keys()]}`.toLowerCase());
      return { status: 401, headers: { 'content-type': 'application/json' }, body: '{"error":"invalid_client"}' };
    },
  };
  const webUrl = await player.system.startWeb({}, { tenantHttp });
  const { browser, page } = await player.signIn(undefined, webUrl);
  expect([page.status, browser.cookies.has('session')]).toEqual([502, false]);
  expect(sent).toEqual([expect.stringContaining('client_secret')]);
  expect(sent.join()).not.toContain('authorization');
});
