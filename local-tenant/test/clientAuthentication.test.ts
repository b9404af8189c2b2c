import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { selfSignedCertificate } from '../src/runtime/selfSignedCertificate.ts';
import { daemon, terminal, todoApi } from '../src/seed/apps.ts';
import { fetchKeys } from '../src/token/federatedKeys.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';
import { startDocumentTenant } from './documentTenant.ts';
import { type KeyIssuer, startKeyIssuer } from './keyIssuer.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const certificate = selfSignedCertificate(privateKey, publicKey, 'Certified app');
const thumbprint = (hash: string) => createHash(hash).update(certificate).digest('base64url');
const certified = '5d4c3b2a-1f0e-4d9c-8b7a-000000000001';
const disabled = '5d4c3b2a-1f0e-4d9c-8b7a-000000000002';
const subject = 'repo:contoso/shop:environment:production';
const audience = 'api://AzureADTokenExchange';
const year = 365 * 86_400;

let tenant: RunningTenant;
let app: DemoApp;
let issuer: KeyIssuer;
beforeAll(async () => {
  issuer = await startKeyIssuer(privateKey);
  const expiresAt = new Date(Date.now() + year * 1000).toISOString();
  tenant = await startDocumentTenant({
    apps: [
      {
        clientId: certified,
        displayName: 'Certified app',
        secrets: [{ value: 'valid for a year', expiresAt }, { value: 'valid forever' }],
        certificates: [certificate.toString('base64')],
        federatedCredentials: [{ issuer: issuer.origin, subject }],
      },
      { clientId: disabled, displayName: 'Old app', isEnabled: false, secrets: [{ value: 'a secret' }] },
      { clientId: terminal.clientId, displayName: 'Terminal', isPublicClient: true },
    ],
    userFlows: [{ name: 'Password' }],
  });
  app = new DemoApp(tenant);
});
afterAll(async () => {
  await tenant.stop();
  issuer.stop();
});

const ask = (form: Readonly<Record<string, string | undefined>>) =>
  app.askTokens({
    grant_type: 'client_credentials',
    client_id: certified,
    client_secret: undefined,
    scope: `${todoApi.identifierUri}/.default`,
    ...form,
  });

const askWith = (assertion: string) =>
  ask({
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });

function sign(
  header: Partial<JWTHeaderParameters>,
  changes: Readonly<Record<string, unknown>> = {},
  key = privateKey,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: certified, sub: certified, aud: `${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token` },
    jti: randomUUID(),
    nbf: now,
    exp: now + 600,
    ...changes,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: 'PS256', ...header }).sign(key);
}

const registered = { 'x5t#S256': thumbprint('sha256') };
const codesOf = ({ status, body }: Awaited<ReturnType<typeof ask>>) => [status, body.error, body.error_codes];

test('each of several secrets is valid until it expires', async () => {
  expect((await ask({ client_secret: 'valid for a year' })).status).toBe(200);
  await tenant.control('clock', { advanceSeconds: year + 60 });
  const expired = await ask({ client_secret: 'valid for a year' });
  const other = await ask({ client_secret: 'valid forever' });
  const wrong = await ask({ client_secret: 'good for nothing' });
  await tenant.control('reset');
  expect(codesOf(expired)).toEqual([401, 'invalid_client', [7000222]]);
  expect(other.status).toBe(200);
  expect(codesOf(wrong)).toEqual([401, 'invalid_client', [7000215]]);
});

test.each([
  ['PS256 and the SHA-256 thumbprint', { alg: 'PS256', ...registered }],
  ['RS256 and the SHA-1 thumbprint', { alg: 'RS256', x5t: thumbprint('sha1') }],
  ['a padded SHA-256 thumbprint', { 'x5t#S256': `${thumbprint('sha256')}=` }],
  ['a padded SHA-1 thumbprint, as MSAL for Python sends it', { alg: 'RS256', x5t: `${thumbprint('sha1')}=` }],
])('an assertion with %s is valid repeatedly and makes azpacr 2', async (_case, header) => {
  const assertion = await sign(header);
  expect((await askWith(assertion)).status).toBe(200);
  expect(claimsOf(await askWith(assertion), 'access_token')).toMatchObject({ azp: certified, azpacr: '2' });
});

test('an assertion is checked by the apps’ clock, even when the tenant’s was moved', async () => {
  await tenant.control('clock', { advanceSeconds: 86_400 });
  const answer = await askWith(await sign(registered));
  await tenant.control('reset');
  expect(answer.status).toBe(200);
});

test('an assertion with an expired certificate is refused', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2050-01-31T00:00:00Z') });
  const answer = await askWith(await sign(registered)).finally(() => vi.useRealTimers());
  expect(answer.body.error_description).toContain(
    'AADSTS700027: Client assertion contains an invalid signature. [Reason - The key used is expired.]',
  );
});

describe('an assertion is refused', () => {
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  test.each([
    ['without a thumbprint', {}, {}, privateKey, 700027],
    ['with the thumbprint of another certificate', { x5t: 'AAAA' }, {}, privateKey, 700027],
    ['with a thumbprint that is a number', { 'x5t#S256': 5 }, {}, privateKey, 700027],
    ['that another key has signed', registered, {}, stranger, 700027],
    ['with another algorithm', { ...registered, alg: 'RS512' }, {}, privateKey, 700027],
    ['for another audience', registered, { aud: 'https://elsewhere.example/token' }, privateKey, 700023],
    ['that has expired', registered, { nbf: hourAgo, exp: hourAgo + 600 }, privateKey, 700024],
    ['without an end', registered, { exp: undefined }, privateKey, 700024],
    ['about another app', registered, { sub: daemon.clientId }, privateKey, 700021],
    ['of an issuer that nobody trusts', {}, { iss: 'https://other.example', sub: subject }, privateKey, 700213],
  ])('%s', async (_case, header, claims, key, code) => {
    const answer = await askWith(await sign(header, claims, key));
    expect(codesOf(answer)).toEqual([401, 'invalid_client', [code]]);
    if (code === 700027) expect(answer.body.error_description).toMatch(/client assertion .*\[Reason - /i);
  });

  test.each([
    [
      'for a list of audiences',
      () => sign(registered, { aud: [`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/token`, 'other'] }),
      400,
      50027,
    ],
    ['whose header is not JSON', async () => `AAAA${(await sign(registered)).replace(/^[^.]+/, '')}`, 401, 700027],
  ])('%s', async (_case, make, status, code) => {
    const { status: answered, body } = await askWith(await make());
    expect([answered, body.error_codes]).toEqual([status, [code]]);
  });

  test('of another type', async () => {
    const answer = await ask({ client_assertion: await sign(registered), client_assertion_type: 'saml' });
    expect(answer.body.error_codes).toEqual([9002313]);
  });
});

describe('an assertion of another issuer', () => {
  const federated = (changes: JWTPayload = {}, key = privateKey) =>
    sign({ alg: 'RS256', kid: 'one' }, { iss: issuer.origin, sub: subject, aud: audience, ...changes }, key);

  test('is valid when its issuer, subject and audience are registered', async () => {
    expect((await askWith(await federated())).status).toBe(200);
  });

  test.each([
    ['another subject', { sub: 'repo:contoso/shop:environment:Production' }, 700213],
    ['another issuer', { iss: 'https://other.example' }, 700213],
    ['another audience', { aud: 'api://elsewhere' }, 700213],
    ['an end in the past', { exp: 1000 }, 700024],
  ])('is refused with %s', async (_case, changes, code) => {
    expect(codesOf(await askWith(await federated(changes)))).toEqual([401, 'invalid_client', [code]]);
  });

  test('is refused without https on another machine, to which no request is sent', async () => {
    const asked: string[] = [];
    const fetchJson = async (url: string) => {
      asked.push(url);
      return { issuer: 'https://other.example', jwks_uri: 'https://issuer.example/keys' };
    };
    expect(await fetchKeys('http://issuer.example', fetchJson)).toBeUndefined();
    expect(asked).toEqual([]);
    // Metadata of another issuer is not believed either.
    expect(await fetchKeys('https://issuer.example', fetchJson)).toBeUndefined();
    expect(asked).toEqual(['https://issuer.example/.well-known/openid-configuration']);
  });

  test('is refused when its keys did not sign it, or cannot be read', async () => {
    expect((await askWith(await federated({}, stranger))).body.error_codes).toEqual([700027]);
    issuer.isUp = false;
    const answer = await askWith(await federated());
    issuer.isUp = true;
    expect(answer.body.error_codes).toEqual([700027]);
  });
});

test.each([
  ['a public app that sends a secret', { client_id: terminal.clientId, client_secret: 'x' }, 401, 700025],
  ['a public app that asks for itself', { client_id: terminal.clientId }, 401, 7000216],
  ['a disabled app', { client_id: disabled, client_secret: 'a secret' }, 400, 7000112],
  ['an id of zeros', { client_id: '00000000-0000-0000-0000-000000000000' }, 400, 700038],
  ['a confidential app that sends nothing', {}, 401, 7000218],
])('%s is refused', async (_case, form, status, code) => {
  const answer = await ask(form);
  expect([answer.status, answer.body.error_codes]).toEqual([status, [code]]);
});
