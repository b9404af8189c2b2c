import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import { Player } from './player.ts';

let player: Player;
/** Each test has its own web app, because an app fetches unknown keys only once in five seconds. */
let webUrl: string;
beforeAll(async () => {
  player = await Player.start();
});
afterAll(() => player.system.stop());

const isKeysRequest = (call: string) => call.includes('/discovery/v2.0/keys');

/** The number of key fetches for a sign-in. */
async function keyFetchesOf(signIn: () => Promise<void>): Promise<number> {
  const before = player.system.asked.length;
  await signIn();
  return player.system.asked.slice(before).filter(isKeysRequest).length;
}

const accepts = (fault?: string) => async () => player.expectSignedIn(await player.signIn(fault, webUrl));

// When the suite publishes keys without kid, it omits the five unusable keys.
test.each([
  ['oidcc-client-test-kid-absent-single-jwks', 'keys-single-no-kid', undefined],
  ['oidcc-client-test-kid-absent-multiple-jwks', 'keys-no-kid', 'multiple matching keys found'],
])('%s', async (_name, keysFault, reason) => {
  await player.system.control('faults', { name: 'keys-undecodable', times: 0 });
  await player.system.control('faults', { name: keysFault, times: 1 });
  webUrl = await player.system.startWeb({});
  const played = await player.signIn('id-token-no-kid', webUrl);
  await player.system.control('faults', { name: keysFault, times: 0 });
  await player.system.control('faults', { name: 'keys-undecodable', times: 1_000_000 });
  await (reason ? player.expectTokenRefused(played, reason) : player.expectSignedIn(played));
});

test('oidcc-client-test-signing-key-rotation-just-before-signing', async () => {
  const { asked } = player.system;
  // The tenant generates new keys while the app waits for its tokens.
  const patient = createHttpClient({ timeoutMs: 30_000, maxBodyBytes: 256 * 1024 });
  const tenantHttp: HttpClient = {
    request(request) {
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      return patient.request(request);
    },
  };
  webUrl = await player.system.startWeb({}, { tenantHttp });
  await accepts()();
  expect(await keyFetchesOf(accepts('id-token-keys-replaced'))).toBe(1);
});

test('oidcc-client-test-signing-key-rotation', async () => {
  webUrl = await player.system.startWeb({});
  expect(await keyFetchesOf(accepts())).toBe(1);
  await player.system.control('rotate-keys', { abrupt: true });
  expect(await keyFetchesOf(accepts())).toBe(1);
});

test('oidcc-client-test-discovery-jwks-uri-keys', async () => {
  await player.system.control('faults', { name: 'discovery-keys-moved', times: 1 });
  const before = player.system.asked.length;
  webUrl = await player.system.startWeb({});
  await accepts()();
  const { asked, tenantId } = player.system;
  expect(asked.slice(before)).toEqual([
    `GET /${tenantId}/v2.0/.well-known/openid-configuration`,
    `POST /${tenantId}/oauth2/v2.0/token`,
    expect.stringMatching(new RegExp(`^GET /${tenantId}/discovery/v2.0/keys/[0-9a-f-]{36}$`)),
  ]);
});

test('oidcc-client-test-discovery-openid-config', async () => {
  const { system } = player;
  const before = system.asked.length;
  webUrl = await system.startWeb({});
  expect(system.asked.slice(before)).toEqual([`GET /${system.tenantId}/v2.0/.well-known/openid-configuration`]);
  const played = await player.signIn(undefined, webUrl);
  expect(played.request.origin + played.request.pathname).toBe(
    `${system.tenantUrl}/${system.tenantId}/oauth2/v2.0/authorize`,
  );
  await player.expectSignedIn(played);
});
