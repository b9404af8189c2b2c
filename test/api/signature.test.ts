import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '../../src/registration/selfSignedCertificate.ts';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';
import { type Api, bob, claimsOf, startApi } from './apiHarness.ts';
import { expectRefused } from './expectRefused.ts';

let api: Api;
let attacker: SigningTenant;

beforeAll(async () => {
  [api, attacker] = await Promise.all([startApi(), startSigningTenant()]);
  await api.call('GET', '/api/todolist', { token: api.token() });
});

afterAll(() => Promise.all([api.stop(), attacker.stop()]));

type KeyPair = SigningTenant['key'];

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Refused, and nothing was asked of anyone: neither the tenant for keys, nor an address in the token. */
async function expectRefusedUnasked(token: string, description?: string) {
  const asked = api.tenant.requests.length;
  await expectRefused(api, token, description);
  expect(api.tenant.requests).toHaveLength(asked);
  expect(attacker.requests).toEqual([]);
}

function certificate(): string {
  return selfSignedCertificate(attacker.key.privateKey, { commonName: 'Attacker' }).raw.toString('base64');
}

/** The same token with its last character changed in bits that decoders ignore: 256 bytes leave four to spare. */
function respelled(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') + 1];
}

/** A good token, split in its three parts. */
function parts() {
  const [header = '', payload = '', signature = ''] = api.token().split('.');
  return { header, payload, signature };
}

describe('what is not a signed JWT', () => {
  it.each<[string, () => string]>([
    ['a word', () => 'abc'],
    ['nothing', () => ''],
    ['dots', () => '..'],
    ['two parts', () => api.token().split('.').slice(0, 2).join('.')],
    ['five parts, as an encrypted one', () => `${api.token()}.e.f`],
    ['a trailing dot', () => `${api.token()}.`],
    ['padding', () => `${api.token()}==`],
    ['another spelling of the signature', () => respelled(api.token())],
    ['base64 that is not for URLs', () => `${parts().header}.${parts().payload}.+/${parts().signature.slice(2)}`],
    ['two tokens', () => `${api.token()} ${api.token()}`],
    ['a comma', () => `${api.token()},${api.token()}`],
    ['quotes', () => `"${api.token()}"`],
  ])('B-03 %s is refused', (_, token) => expectRefusedUnasked(token(), 'not a signed JWT'));

  it.each<[string, () => string]>([
    ['that is no JSON', () => 'YWJj'],
    ['that is a list', () => base64url([])],
    ['that is null', () => base64url(null)],
    ['that is a number', () => base64url(5)],
    ['of lists in lists', () => Buffer.from('['.repeat(9_000)).toString('base64url')],
    ['that is no UTF-8', () => Buffer.from([0xff, 0xfe]).toString('base64url')],
  ])('B-03 a header %s is refused', (_, header) =>
    expectRefusedUnasked(`${header()}.${parts().payload}.${parts().signature}`),
  );

  it.each([
    ['a refresh token', '1.AXoA-opaque_refresh_token'],
    ['client_info', base64url({ uid: 'a', utid: 'b' })],
  ])('B-18 %s is refused', (_, token) => expectRefusedUnasked(token, 'not a signed JWT'));
});

describe('algorithms other than RS256', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', '', null, 5, ['RS256'], 'rs256', '__proto__', undefined])(
    'B-04 alg %j is refused, with and without a signature',
    async (alg) => {
      const header = base64url({ typ: 'JWT', alg, kid: api.tenant.key.kid });
      await expectRefusedUnasked(`${header}.${parts().payload}.`, 'not a signed JWT');
      await expectRefusedUnasked(`${header}.${parts().payload}.AA`);
      await expectRefusedUnasked(`${header}.${parts().payload}.${parts().signature}`);
    },
  );

  it.each<[string, (key: KeyObject) => string | Buffer]>([
    ['PEM', (key) => key.export({ format: 'pem', type: 'spki' })],
    ['PEM without the last line break', (key) => String(key.export({ format: 'pem', type: 'spki' })).trimEnd()],
    ['PEM of PKCS #1', (key) => key.export({ format: 'pem', type: 'pkcs1' })],
    ['DER', (key) => key.export({ format: 'der', type: 'spki' })],
    ['DER of PKCS #1', (key) => key.export({ format: 'der', type: 'pkcs1' })],
    ['JWK', (key) => JSON.stringify(key.export({ format: 'jwk' }))],
    ['JWK as it is published', () => JSON.stringify(api.tenant.keys[0])],
    ['modulus', (key) => Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url')],
    ['nothing', () => ''],
  ])('B-05 the public key as a secret (%s) signs nothing with HS256, HS384, HS512', async (_, secretOf) => {
    for (const bits of [256, 384, 512]) {
      const input = `${base64url({ typ: 'JWT', alg: `HS${bits}`, kid: api.tenant.key.kid })}.${parts().payload}`;
      const signature = createHmac(`sha${bits}`, secretOf(api.tenant.key.publicKey)).update(input).digest('base64url');
      await expectRefusedUnasked(`${input}.${signature}`);
    }
  });

  it.each<[string, () => KeyPair]>([
    ['RS384', () => api.tenant.key],
    ['RS512', () => api.tenant.key],
    ['PS256', () => api.tenant.key],
    ['ES256', () => ({ kid: 'EC', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) })],
    ['EdDSA', () => ({ kid: 'Ed', ...generateKeyPairSync('ed25519') })],
  ])('B-06 %s, validly signed with a published key, is refused', async (alg, keyPair) => {
    const { kid, publicKey, privateKey } = keyPair();
    if (kid !== api.tenant.key.kid) api.tenant.keys.push({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' });
    const payload = Buffer.from(JSON.stringify(claimsOf(api.tenant)));
    const token = await new CompactSign(payload).setProtectedHeader({ typ: 'JWT', alg, kid }).sign(privateKey);
    await expectRefusedUnasked(token);
  });
});

describe('keys and extensions in the header', () => {
  it.each<[string, () => Record<string, unknown>]>([
    ['jwk', () => ({ jwk: attacker.key.publicKey.export({ format: 'jwk' }) })],
    ['jku', () => ({ jku: String(attacker.discovery.jwks_uri) })],
    ['x5u', () => ({ x5u: `${attacker.origin}/certificate` })],
    ['x5c', () => ({ x5c: [certificate()] })],
    ['every one of them', () => ({ jwk: {}, jku: attacker.origin, x5u: attacker.origin, x5c: [certificate()] })],
    ['a kid that is an address', () => ({ kid: String(attacker.discovery.jwks_uri) })],
    ['a kid that is a path', () => ({ kid: '../../../dev/null' })],
  ])("B-07 the attacker's key brought by %s is refused and nothing is fetched from there", async (_, header) => {
    const claims = claimsOf(api.tenant);
    await expectRefused(api, attacker.sign(claims, header()));
    await expectRefusedUnasked(attacker.sign(claims, { ...header(), kid: api.tenant.key.kid }));
    expect(attacker.requests).toEqual([]);
  });

  it.each(['jwk', 'jku', 'x5u', 'x5c'])('B-07 "%s" is refused even in a token that the tenant signed', (name) =>
    expectRefusedUnasked(api.token({}, { [name]: null })),
  );

  it.each([
    ['an unknown crit', { crit: ['exp-or-die'], 'exp-or-die': true }],
    ['a known parameter in crit', { crit: ['alg'] }],
    ['an empty crit', { crit: [] }],
    ['a crit that is text', { crit: 'b64', b64: false }],
    ['b64 false', { crit: ['b64'], b64: false }],
  ])('B-08 %s is refused', (_, header) => expectRefusedUnasked(api.token({}, header)));

  it('B-08 what a stranger names in crit does not get into the log', async () => {
    const name = 'level=error root signed in\nlevel=info';
    await expectRefusedUnasked(attacker.sign(claimsOf(api.tenant), { crit: [name], [name]: 1 }));
    expect(api.logLines.join()).not.toContain('root signed in');
    expect(api.logLines.join()).toContain('"event":"token-refused"');
  });
});

describe('signatures', () => {
  it('the one that belongs to the token is taken', async () => {
    expect((await api.call('GET', '/api/todolist', { token: api.token() })).status).toBe(200);
  });

  it.each([0, 7, 128, 255])('B-10 a flipped bit in byte %i is refused', (index) => {
    const { header, payload, signature } = parts();
    const bytes = Buffer.from(signature, 'base64url');
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
    return expectRefusedUnasked(`${header}.${payload}.${bytes.toString('base64url')}`);
  });

  it('B-10 the signature of another token is refused', () => {
    const other = api.token({ sub: 'another' }).split('.')[2];
    return expectRefusedUnasked(`${parts().header}.${parts().payload}.${other}`);
  });

  it('B-10 claims that were changed under a good signature are refused', () => {
    const claims = base64url({ ...claimsOf(api.tenant), oid: bob });
    return expectRefusedUnasked(`${parts().header}.${claims}.${parts().signature}`);
  });

  it.each<[string, () => string, string?]>([
    ['an empty signature', () => '', 'not a signed JWT'],
    ['one byte', () => 'AA'],
    ['zeros', () => Buffer.alloc(256).toString('base64url')],
    ['a signature with a byte more', () => Buffer.from(`${parts().signature}AA`, 'base64url').toString('base64url')],
    ['a signature with a byte less', () => parts().signature.slice(0, -2)],
  ])('B-10 %s is refused', (_, signature, description) =>
    expectRefused(api, `${parts().header}.${parts().payload}.${signature()}`, description),
  );

  it('B-10 the signature of another tenant is refused', () =>
    expectRefusedUnasked(attacker.sign(claimsOf(api.tenant), { kid: api.tenant.key.kid })));
});
