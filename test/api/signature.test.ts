import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactSign } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';
import { type Api, claimsOf, startApi } from './apiHarness.ts';

let api: Api;
let attacker: SigningTenant;

beforeAll(async () => {
  [api, attacker] = await Promise.all([startApi(), startSigningTenant()]);
});

afterAll(() => Promise.all([api.stop(), attacker.stop()]));

type KeyPair = SigningTenant['key'];

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function expectRefused(token: string) {
  const answer = await api.call('GET', '/api/todolist', { token });
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
  return answer;
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
    ['two parts', () => api.token().split('.').slice(0, 2).join('.')],
    ['five parts, as an encrypted one', () => `${api.token()}.e.f`],
    ['a trailing dot', () => `${api.token()}.`],
    ['padding', () => `${api.token()}==`],
    ['two tokens', () => `${api.token()} ${api.token()}`],
    ['a comma', () => `${api.token()},${api.token()}`],
    ['a header that is no JSON', () => `YWJj.${parts().payload}.${parts().signature}`],
    ['a header that is a list', () => `${base64url([])}.${parts().payload}.${parts().signature}`],
  ])('B-03 %s is refused', async (_, token) => {
    await expectRefused(token());
  });

  it.each([
    ['B-18 a refresh token', '1.AXoA-opaque_refresh_token'],
    ['B-18 client_info', base64url({ uid: 'a', utid: 'b' })],
  ])('%s is refused', async (_, token) => {
    await expectRefused(token);
  });
});

describe('algorithms other than RS256', () => {
  it.each(['none', 'None', 'NONE', undefined])('B-04 alg %s is refused, with and without a signature', async (alg) => {
    const header = base64url({ typ: 'JWT', alg, kid: api.tenant.key.kid });
    await expectRefused(`${header}.${parts().payload}.`);
    await expectRefused(`${header}.${parts().payload}.${parts().signature}`);
  });

  it.each<[string, (key: KeyObject) => string | Buffer]>([
    ['PEM', (key) => key.export({ format: 'pem', type: 'spki' })],
    ['DER', (key) => key.export({ format: 'der', type: 'spki' })],
    ['JWK', (key) => JSON.stringify(key.export({ format: 'jwk' }))],
  ])('B-05 HS256 with the public key as %s for a secret is refused', async (_, secretOf) => {
    const input = `${base64url({ typ: 'JWT', alg: 'HS256', kid: api.tenant.key.kid })}.${parts().payload}`;
    const signature = createHmac('sha256', secretOf(api.tenant.key.publicKey)).update(input).digest('base64url');
    await expectRefused(`${input}.${signature}`);
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
    await expectRefused(await new CompactSign(payload).setProtectedHeader({ typ: 'JWT', alg, kid }).sign(privateKey));
  });
});

describe('keys and extensions in the header', () => {
  it.each<[string, () => Record<string, unknown>]>([
    ['jwk', () => ({ jwk: attacker.key.publicKey.export({ format: 'jwk' }) })],
    ['jku', () => ({ jku: String(attacker.discovery.jwks_uri) })],
    ['x5u', () => ({ x5u: `${attacker.origin}/certificate` })],
    ['x5c', () => ({ x5c: ['MIIB'] })],
  ])('B-07 an attacker key in "%s" is refused and nothing is fetched', async (_, header) => {
    await api.call('GET', '/api/todolist', { token: api.token() });
    const before = api.tenant.requests.length;
    const claims = claimsOf(api.tenant);
    await expectRefused(attacker.sign(claims, header()));
    await expectRefused(attacker.sign(claims, { ...header(), kid: api.tenant.key.kid }));
    expect(attacker.requests).toEqual([]);
    expect(api.tenant.requests).toHaveLength(before);
  });

  it.each([
    ['an unknown crit', { crit: ['exp-or-die'], 'exp-or-die': true }],
    ['an empty crit', { crit: [] }],
    ['b64 false', { crit: ['b64'], b64: false }],
  ])('B-08 %s is refused', async (_, header) => {
    await expectRefused(api.token({}, header));
  });
});

describe('signatures', () => {
  it('the one that belongs to the token is taken', async () => {
    expect((await api.call('GET', '/api/todolist', { token: api.token() })).status).toBe(200);
  });

  it('B-10 a flipped bit is refused', async () => {
    const { header, payload, signature } = parts();
    const bytes = Buffer.from(signature, 'base64url');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await expectRefused(`${header}.${payload}.${bytes.toString('base64url')}`);
  });

  it('B-10 the signature of another token is refused', async () => {
    const other = api.token({ sub: 'another' }).split('.')[2];
    await expectRefused(`${parts().header}.${parts().payload}.${other}`);
  });

  it('B-10 an empty signature is refused', () => expectRefused(`${parts().header}.${parts().payload}.`));

  it('B-10 the signature of another tenant is refused', () =>
    expectRefused(attacker.sign(claimsOf(api.tenant), { kid: api.tenant.key.kid })));
});
