import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTVerifyGetKey, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { CustomerChanged, type ExpectedIdToken, IdTokenInvalid, validateIdToken } from '../../src/entra/idToken.ts';

const [tenantId, clientId] = [randomUUID(), randomUUID()];
const issuer = `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;
const earlier = { iss: issuer, sub: 'subject', oid: randomUUID(), tid: tenantId, nonce: 'nonce-1' };
const renewal: ExpectedIdToken = { issuer, tenantId, clientId, nonce: undefined, accessToken: 'at', earlier };

let keys: JWTVerifyGetKey;
/** Signs the ID token of a refresh, which has no nonce unless one is given. */
let signed: (changes: object) => Promise<string>;
beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  keys = createLocalJWKSet({ keys: [await exportJWK(publicKey)] });
  signed = (changes) =>
    new SignJWT({ ...earlier, nonce: undefined, aud: clientId, ver: '2.0', ...changes })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
});

const refusal = async (changes: object) =>
  validateIdToken(await signed(changes), keys, renewal).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the ID token of a refresh', () => {
  it.each(['nonce-1', undefined])('is that of the sign-in with nonce %s', async (nonce) => {
    expect(await validateIdToken(await signed({ nonce }), keys, renewal)).toMatchObject({ sub: 'subject' });
  });

  it.each([
    ['sub', 'somebody else'],
    ['oid', randomUUID()],
    ['tid', randomUUID()],
  ])('A-45 names another customer by its %s, and the error does not say whom', async (name, value) => {
    const error = await refusal({ [name]: value });
    expect(error).toBeInstanceOf(CustomerChanged);
    expect(String(error)).toBe(`CustomerChanged: ${name} changed on refresh`);
  });

  it.each(['', 'nonce-2', ['nonce-1']])('is refused with the nonce %j', async (nonce) => {
    expect(await refusal({ nonce })).toBeInstanceOf(IdTokenInvalid);
  });

  it.each(['sub', 'oid', 'tid'])('is refused without %s', async (name) => {
    expect(await refusal({ [name]: undefined })).toBeInstanceOf(IdTokenInvalid);
  });
});
