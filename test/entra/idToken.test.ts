import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { CompactSign, createLocalJWKSet, exportJWK, exportSPKI, generateKeyPair, type JWTVerifyGetKey } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ExpectedIdToken, IdTokenInvalid, validateIdToken } from '../../src/entra/idToken.ts';
import { TenantUnavailable } from '../../src/entra/MetadataSource.ts';

const tenantId = randomUUID();
const otherTenant = randomUUID();
const clientId = randomUUID();
const issuer = `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;
const nowSeconds = 1_800_000_000;
const minute = 60;
const accessToken = 'the-access-token';
const expected: ExpectedIdToken = {
  issuer,
  tenantId,
  clientId,
  accessToken,
  nonce: 'nonce-1',
  now: () => nowSeconds * 1000,
};
const claims = {
  iss: issuer,
  aud: clientId,
  sub: 'pairwise-subject',
  oid: randomUUID(),
  tid: tenantId,
  ver: '2.0',
  nonce: 'nonce-1',
  // Entra dates a token five minutes back.
  iat: nowSeconds - 5 * minute,
  nbf: nowSeconds - 5 * minute,
  exp: nowSeconds + 55 * minute,
  name: 'Alice',
};
type Claims = Partial<Record<keyof typeof claims | 'azp' | 'at_hash' | 'events', unknown>>;
type SigningKey = Parameters<CompactSign['sign']>[0];

const kid = 'key-1';
const header = { alg: 'RS256', kid, typ: 'JWT' };
let privateKey: SigningKey;
let publicKeyText: string;
let tenantKeys: JWTVerifyGetKey;
/** One key pair for each foreign algorithm, published under its own kid: only the algorithm is wrong. */
const foreign = new Map<string, SigningKey>();

beforeAll(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true });
  privateKey = pair.privateKey;
  publicKeyText = await exportSPKI(pair.publicKey);
  const published = [{ ...(await exportJWK(pair.publicKey)), kid, use: 'sig' }];
  for (const alg of ['RS384', 'PS256', 'ES256']) {
    const { privateKey: key, publicKey } = await generateKeyPair(alg, { extractable: true });
    foreign.set(alg, key);
    published.push({ ...(await exportJWK(publicKey)), kid: alg, use: 'sig' });
  }
  tenantKeys = createLocalJWKSet({ keys: published });
});

const digestOf = (text: string) => createHash('sha256').update(text).digest();
const hashOf = (text: string) => digestOf(text).subarray(0, 16).toString('base64url');
const encoded = (text: string) => Buffer.from(text).toString('base64url');
const bodyOf = (changes: Claims) => JSON.stringify({ ...claims, ...changes });

async function signText(text: string, changes: object = {}, key = privateKey): Promise<string> {
  return await new CompactSign(Buffer.from(text)).setProtectedHeader({ ...header, ...changes }).sign(key);
}

const signed = (changes: Claims = {}, headerChanges: object = {}) => signText(bodyOf(changes), headerChanges);
const signedBy = (alg: string, key: SigningKey | undefined) => signText(bodyOf({}), { alg, kid: alg }, key);
/** A token with one number written by hand, as JSON.stringify would not. */
const handMade = (from: string, to: string) => signText(bodyOf({}).replace(from, to));
const unsigned = (alg: string) => `${encoded(JSON.stringify({ ...header, alg }))}.${encoded(bodyOf({}))}.`;
const parts = async () => (await signed()).split('.');

const refused: readonly (readonly [name: string, make: () => Promise<string> | string])[] = [
  ['A-28 alg none', () => unsigned('none')],
  ['A-28 alg None', () => unsigned('None')],
  ['A-28 an empty signature', async () => `${(await parts()).slice(0, 2).join('.')}.`],
  ['A-28 no signature part', async () => (await parts()).slice(0, 2).join('.')],
  ['A-28 no header', async () => `.${(await parts()).slice(1).join('.')}`],
  ['A-28 an empty header object', async () => [encoded('{}'), ...(await parts()).slice(1)].join('.')],
  ['nothing at all', () => ''],
  ['no token', () => 'no.token.here'],
  [
    'other claims under the same signature',
    async () => {
      const [head, , signature] = await parts();
      return [head, encoded(bodyOf({ sub: 'somebody else' })), signature].join('.');
    },
  ],
  [
    'A-29 a rogue key under the same kid',
    async () => signText(bodyOf({}), {}, (await generateKeyPair('RS256')).privateKey),
  ],
  ['a kid that the tenant does not publish', () => signed({}, { kid: 'unknown' })],
  ['A-30 HS256 with the public key', () => signText(bodyOf({}), { alg: 'HS256' }, Buffer.from(publicKeyText))],
  ['A-30 HS256 with a secret', () => signText(bodyOf({}), { alg: 'HS256' }, randomBytes(32))],
  ['RS384', () => signedBy('RS384', foreign.get('RS384'))],
  ['PS256', () => signedBy('PS256', foreign.get('PS256'))],
  ['ES256', () => signedBy('ES256', foreign.get('ES256'))],
  ['A-31 iss with one more character', () => signed({ iss: `${issuer}x` })],
  ['A-31 iss with a trailing slash', () => signed({ iss: `${issuer}/` })],
  ['A-31 iss of another tenant', () => signed({ iss: issuer.replaceAll(tenantId, otherTenant) })],
  ['A-31 iss in another case', () => signed({ iss: issuer.toUpperCase() })],
  ['A-31 iss as an array', () => signed({ iss: [issuer] })],
  ['A-31 iss missing', () => signed({ iss: undefined })],
  ['A-32 aud of another client', () => signed({ aud: randomUUID() })],
  ['A-32 aud with a foreign audience beside ours', () => signed({ aud: [clientId, randomUUID()] })],
  ['A-32 the same although azp is ours', () => signed({ aud: [clientId, randomUUID()], azp: clientId })],
  ['A-32 azp of another client', () => signed({ azp: randomUUID() })],
  ['A-32 azp as an array', () => signed({ azp: [clientId] })],
  ['A-33 aud missing', () => signed({ aud: undefined })],
  ['A-33 aud empty', () => signed({ aud: [] })],
  ['A-34 exp 61 s ago', () => signed({ exp: nowSeconds - 61 })],
  ['A-34 exp missing', () => signed({ exp: undefined })],
  ['A-34 exp as text', () => signed({ exp: String(claims.exp) })],
  ['A-34 exp null', () => signed({ exp: null })],
  ['A-34 exp without end', () => handMade(`"exp":${claims.exp}`, '"exp":1e400')],
  ['A-35 nbf in ten minutes', () => signed({ nbf: nowSeconds + 10 * minute })],
  ['A-35 nbf as text', () => signed({ nbf: 'now' })],
  ['A-36 iat missing', () => signed({ iat: undefined })],
  ['A-36 iat a week ago', () => signed({ iat: nowSeconds - 7 * 24 * 60 * minute })],
  ['A-36 iat in ten minutes', () => signed({ iat: nowSeconds + 10 * minute })],
  ['A-36 iat without beginning', () => handMade(`"iat":${claims.iat}`, '"iat":-1e400')],
  ['A-37 another nonce', () => signed({ nonce: 'nonce-2' })],
  ['A-37 nonce missing', () => signed({ nonce: undefined })],
  ['A-37 nonce empty', () => signed({ nonce: '' })],
  ['A-37 nonce as an array', () => signed({ nonce: ['nonce-1'] })],
  ['A-38 sub missing', () => signed({ sub: undefined })],
  ['A-38 sub empty', () => signed({ sub: '' })],
  ['A-38 sub 5', () => signed({ sub: 5 })],
  ['A-38 sub {}', () => signed({ sub: {} })],
  ['A-39 tid of another tenant', () => signed({ tid: otherTenant })],
  ['A-39 tid missing', () => signed({ tid: undefined })],
  ['A-39 oid missing', () => signed({ oid: undefined })],
  ['A-39 oid that is no GUID', () => signed({ oid: 'alice' })],
  ['A-40 ver 1.0', () => signed({ ver: '1.0' })],
  ['A-40 ver 2 as a number', () => signed({ ver: 2 })],
  ['A-40 ver missing', () => signed({ ver: undefined })],
  ['at_hash of another access token', () => signed({ at_hash: hashOf('another-access-token') })],
  ['at_hash that is the whole digest', () => signed({ at_hash: digestOf(accessToken).toString('base64url') })],
  ['at_hash empty', () => signed({ at_hash: '' })],
  ['at_hash as an array', () => signed({ at_hash: [hashOf(accessToken)] })],
  ['an access token by its typ', () => signed({}, { typ: 'at+jwt' })],
  ['a logout token by its typ', () => signed({}, { typ: 'logout+jwt' })],
  ['a logout token by its events', () => signed({ events: {} })],
  ['claims that are a list', () => signText('[]')],
];

const accepted: readonly (readonly [name: string, make: () => Promise<string>])[] = [
  ['as Entra issues it', () => signed()],
  ['without a typ', () => signed({}, { typ: undefined })],
  ['with ours as the only audience of a list', () => signed({ aud: [clientId] })],
  ['with the at_hash of its access token', () => signed({ at_hash: hashOf(accessToken) })],
  ['with azp naming us', () => signed({ azp: clientId })],
  ['that ran out 30 s ago', () => signed({ exp: nowSeconds - 30 })],
  ['of a clock that is 30 s ahead', () => signed({ nbf: nowSeconds + 30, iat: nowSeconds + 30 })],
];

describe('validateIdToken', () => {
  it.each(accepted)('accepts a token %s', async (_name, make) => {
    const { sub, oid, tid, iss } = await validateIdToken(await make(), tenantKeys, expected);
    expect({ sub, oid, tid, iss }).toEqual({ sub: claims.sub, oid: claims.oid, tid: claims.tid, iss: claims.iss });
  });

  it('returns the other claims as they are in the token', async () => {
    expect(await validateIdToken(await signed(), tenantKeys, expected)).toEqual(claims);
  });

  it.each(refused)('%s is refused', async (_name, make) => {
    await expect(validateIdToken(await make(), tenantKeys, expected)).rejects.toThrow(IdTokenInvalid);
  });

  it('uses the system clock by default', async () => {
    const { now: _, ...byTheSystem } = expected;
    const at = Math.floor(Date.now() / 1000);
    const fresh = await signed({ iat: at, nbf: at, exp: at + minute });
    await expect(validateIdToken(fresh, tenantKeys, byTheSystem)).resolves.toMatchObject({ sub: claims.sub });
    const old = await signed({ iat: at - 2 * minute, nbf: at - 2 * minute, exp: at - 61 });
    await expect(validateIdToken(old, tenantKeys, byTheSystem)).rejects.toThrow(IdTokenInvalid);
  });

  it('passes on the error when the keys are unavailable', async () => {
    const away = new TenantUnavailable('the tenant is away');
    const keys: JWTVerifyGetKey = () => Promise.reject(away);
    await expect(validateIdToken(await signed(), keys, expected)).rejects.toBe(away);
  });

  it('repeats neither the token nor a claim in its message', async () => {
    const token = await signed({ sub: '', name: 'Alice', aud: clientId });
    const error = await validateIdToken(token, tenantKeys, expected).catch((thrown: Error) => thrown);
    expect(String(error)).toContain('sub');
    for (const secret of [token, claims.oid, 'Alice']) expect(String(error)).not.toContain(secret);
  });
});
