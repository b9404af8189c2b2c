import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webApp } from '../../src/seed/apps.ts';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
let keysUrl: string;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
  keysUrl = `${faulty.tenant.origin}/${faulty.tenant.tenantId}/discovery/v2.0/keys`;
});
afterAll(() => faulty.tenant.stop());

async function tokenWith(fault: string): Promise<string> {
  const { status, body } = await faulty.redeemWith(fault);
  expect(status).toBe(200);
  return String(body.id_token);
}

const verify = (token: string) => jwtVerify(token, createRemoteJWKSet(new URL(keysUrl)));

async function publishedKeys(): Promise<readonly (JsonWebKey & { kid: string })[]> {
  const document: { keys: (JsonWebKey & { kid: string })[] } = JSON.parse(await (await fetch(keysUrl)).text());
  return document.keys;
}

function payloadOf(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
}

test.each([
  ['id-token-wrong-signature', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['id-token-no-signature', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['id-token-rogue-key', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['id-token-unknown-kid', 'ERR_JWKS_NO_MATCHING_KEY'],
  ['id-token-no-kid', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS'],
  ['id-token-no-alg', 'ERR_JWS_INVALID'],
  ['id-token-payload-array', 'ERR_JWT_INVALID'],
  ['id-token-payload-null', 'ERR_JWT_INVALID'],
  ['id-token-not-a-token', 'ERR_JWS_INVALID'],
])('%s does not verify: %s', async (fault, code) => {
  await expect(verify(await tokenWith(fault))).rejects.toMatchObject({ code });
});

test('id-token-alg-none has no signature and says so', async () => {
  const token = await tokenWith('id-token-alg-none');
  expect(decodeProtectedHeader(token)).toEqual({ typ: 'JWT', alg: 'none' });
  expect(token.endsWith('.')).toBe(true);
});

test('id-token-rogue-key has the kid of a published key', async () => {
  const { kid } = decodeProtectedHeader(await tokenWith('id-token-rogue-key'));
  expect((await publishedKeys()).map((key) => key.kid)).toContain(kid);
});

test('id-token-hs256 verifies with the published key as the secret', async () => {
  const token = await tokenWith('id-token-hs256');
  const { alg, kid } = decodeProtectedHeader(token);
  expect(alg).toBe('HS256');
  const key = (await publishedKeys()).find((published) => published.kid === kid);
  const pem = createPublicKey({ key: key ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const [header, payload, signature] = token.split('.');
  expect(createHmac('sha256', pem).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
});

test('id-token-hs256-client-secret verifies with the client secret', async () => {
  const token = await tokenWith('id-token-hs256-client-secret');
  const { protectedHeader } = await jwtVerify(token, Buffer.from(webApp.secret));
  expect(protectedHeader.alg).toBe('HS256');
});

test.each([
  ['id-token-rs384', 'RS384'],
  ['id-token-ps256', 'PS256'],
  ['id-token-es256', 'ES256'],
])('%s is validly signed with %s by a published key', async (fault, alg) => {
  const { protectedHeader } = await verify(await tokenWith(fault));
  expect(protectedHeader.alg).toBe(alg);
});

test('id-token-keys-replaced is signed with a key that was not published before', async () => {
  const before = await publishedKeys();
  const { protectedHeader } = await verify(await tokenWith('id-token-keys-replaced'));
  expect(before.map(({ kid }) => kid)).not.toContain(protectedHeader.kid);
});

test.each([
  ['id-token-typ-access-token', 'at+jwt'],
  ['id-token-typ-logout-token', 'logout+jwt'],
])('%s is of the type %s under a good signature', async (fault, typ) => {
  const { protectedHeader } = await verify(await tokenWith(fault));
  expect(protectedHeader.typ).toBe(typ);
});

test('id-token-expiry-infinite and id-token-duplicate-claim say so in their JSON', async () => {
  expect(payloadOf(await tokenWith('id-token-expiry-infinite'))).toMatch(/,"exp":1e400}$/);
  const doubled = payloadOf(await tokenWith('id-token-duplicate-claim'));
  expect(doubled.match(/"sub":/g)).toHaveLength(2);
  expect(doubled).toMatch(/,"sub":"the-subject-of-somebody-else"}$/);
});

test('id-token-missing leaves it out', async () => {
  expect((await faulty.redeemWith('id-token-missing')).body).not.toHaveProperty('id_token');
});

test('a fault shows in the ID token of a refresh as well', async () => {
  const { body } = await faulty.app.redeem(await faulty.signIn());
  await faulty.arm('id-token-other-sub');
  const refreshed = await faulty.app.askTokens({
    grant_type: 'refresh_token',
    refresh_token: String(body.refresh_token),
  });
  expect(payloadOf(String(refreshed.body.id_token))).toContain('the-subject-of-somebody-else');
});
