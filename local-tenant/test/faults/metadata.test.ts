import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
let keysUrl: string;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
  keysUrl = `${faulty.tenant.origin}/${faulty.tenant.tenantId}/discovery/v2.0/keys`;
});
afterAll(() => faulty.tenant.stop());

async function getWith(fault: string, url = faulty.tenant.metadataUrl) {
  await faulty.arm(fault);
  return fetch(url);
}

async function documentWith(fault: string, url?: string) {
  return JSON.parse(await (await getWith(fault, url)).text());
}

test.each([
  [
    'discovery-wrong-issuer',
    'https://99999999-9999-4999-8999-999999999999.ciamlogin.com/99999999-9999-4999-8999-999999999999/v2.0',
  ],
  ['discovery-issuer-suffix', 'https://TENANT.ciamlogin.com/TENANT/v2.0INVALID'],
  ['discovery-issuer-host', 'https://login.elsewhere.invalid/TENANT/v2.0'],
  ['discovery-no-issuer', undefined],
])('%s: the issuer is %s', async (fault, issuer) => {
  expect((await documentWith(fault)).issuer).toBe(issuer?.replaceAll('TENANT', faulty.tenant.tenantId));
});

test.each([
  ['discovery-http-endpoints', 'http://login.elsewhere.invalid'],
  ['discovery-foreign-endpoints', 'https://login.elsewhere.invalid'],
])('%s: every endpoint is on %s, and the issuer is right', async (fault, origin) => {
  const document = await documentWith(fault);
  const names = ['authorization_endpoint', 'token_endpoint', 'end_session_endpoint', 'jwks_uri'];
  expect(names.map((name) => new URL(document[name]).origin)).toEqual(names.map(() => origin));
  expect(document.issuer).toContain(faulty.tenant.tenantId);
});

test.each([
  ['discovery-no-token-endpoint', 'token_endpoint'],
  ['discovery-no-keys', 'jwks_uri'],
])('%s: %s is missing', async (fault, name) => {
  expect(await documentWith(fault)).not.toHaveProperty(name);
});

test('discovery-iss-parameter: the metadata promises an iss that answers do not have', async () => {
  await faulty.arm('discovery-iss-parameter');
  const promise = { authorization_response_iss_parameter_supported: true };
  expect(await (await fetch(faulty.tenant.metadataUrl)).json()).toMatchObject(promise);
  expect((await faulty.signIn()).searchParams.has('iss')).toBe(false);
});

test('discovery-keys-moved: the keys are at jwks_uri, which is a new address each time', async () => {
  const { jwks_uri: first } = await documentWith('discovery-keys-moved');
  const { jwks_uri: second } = await documentWith('discovery-keys-moved');
  expect(new Set([keysUrl, first, second]).size).toBe(3);
  expect(await (await fetch(first)).text()).toBe(await (await fetch(keysUrl)).text());
});

test('discovery-500, discovery-html, keys-500, keys-html and keys-empty return no metadata and no keys', async () => {
  expect((await getWith('discovery-500')).status).toBe(500);
  expect(await (await getWith('discovery-html')).text()).toContain('<h1>');
  expect((await getWith('keys-500', keysUrl)).status).toBe(500);
  expect(await (await getWith('keys-html', keysUrl)).text()).toContain('<h1>');
  expect(await documentWith('keys-empty', keysUrl)).toEqual({ keys: [] });
});

test.each([['discovery-slow'], ['keys-slow']])('%s never answers', async (fault) => {
  await faulty.arm(fault);
  const url = fault === 'keys-slow' ? keysUrl : faulty.tenant.metadataUrl;
  await expect(fetch(url, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('keys-undecodable: five keys of unknown kinds come with the correct ones, which still verify', async () => {
  const sound = JSON.parse(await (await fetch(keysUrl)).text());
  const keySet = await documentWith('keys-undecodable', keysUrl);
  expect(keySet.keys).toHaveLength(sound.keys.length + 5);
  const { body } = await faulty.app.redeem(await faulty.signIn());
  await jwtVerify(String(body.id_token), createLocalJWKSet(keySet));
});

test('keys-duplicate-kid: another key with the signing key’s kid comes first', async () => {
  const sound = JSON.parse(await (await fetch(keysUrl)).text());
  const { keys } = await documentWith('keys-duplicate-kid', keysUrl);
  expect(new Set(keys.map(({ kid }: { kid: string }) => kid)).size).toBe(1);
  expect(keys[0].n).not.toBe(sound.keys[0].n);
  expect(keys.at(-1).n).toBe(sound.keys[0].n);
});

test('keys-single-no-kid: a token without kid verifies with the only key', async () => {
  const keySet = await documentWith('keys-single-no-kid', keysUrl);
  expect(keySet.keys).toEqual([expect.not.objectContaining({ kid: expect.anything() })]);
  const { body } = await faulty.redeemWith('id-token-no-kid');
  await jwtVerify(String(body.id_token), createLocalJWKSet(keySet));
});

test('keys-no-kid: the same keys, none with a kid', async () => {
  const sound = JSON.parse(await (await fetch(keysUrl)).text());
  const { keys } = await documentWith('keys-no-kid', keysUrl);
  expect(keys.map(({ n }: { n: string }) => n)).toEqual(sound.keys.map(({ n }: { n: string }) => n));
  expect(keys.filter((key: object) => 'kid' in key)).toEqual([]);
});
