import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApi } from '../../src/api/app.ts';
import { InProcessTodoStore } from '../../src/api/TodoStore.ts';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';
import { type Api, alice, claimsOf, clientId, send, startApi, unlimited, webClientId } from './apiHarness.ts';

let api: Api;
let attacker: SigningTenant;

beforeAll(async () => {
  [api, attacker] = await Promise.all([startApi(), startSigningTenant()]);
});

afterAll(() => Promise.all([api.stop(), attacker.stop()]));

const now = () => Math.floor(Date.now() / 1_000);
const list = (token: string) => api.call('GET', '/api/todolist', { token });

async function expectRefused(token: string, description = 'not valid for this API') {
  const answer = await list(token);
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toBe(
    `Bearer realm="todo", error="invalid_token", error_description="${description}"`,
  );
  expect(answer.headers['content-type']).toContain('application/problem+json');
  if (token) expect(answer.text).not.toContain(token);
}

describe('a request without usable credentials', () => {
  it.each([
    ['no Authorization', {}],
    ['another scheme', { authorization: 'Basic YWxpY2U6c2VjcmV0' }],
    ['a scheme that only begins like Bearer', { authorization: 'BearerX abc' }],
    ['a token in a cookie', { cookie: 'access_token=abc' }],
  ])('B-01 %s gets 401 without an error code', async (_, headers) => {
    const answer = await api.call('GET', '/api/todolist', { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="todo"');
  });

  it('B-01 a token in the query or the body is never read', async () => {
    const token = api.token();
    expect((await api.call('GET', `/api/todolist?access_token=${token}`)).status).toBe(401);
    const body = `access_token=${token}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await api.call('POST', '/api/todolist', { body, headers })).status).toBe(401);
  });

  it('two Authorization headers are an invalid request, even when both are good', async () => {
    const authorization = `Bearer ${api.token()}`;
    const answer = await api.call('GET', '/api/todolist', {
      headers: { authorization: [authorization, authorization] },
    });
    expect(answer.status).toBe(400);
    expect(answer.headers['www-authenticate']).toContain('error="invalid_request"');
  });
});

describe('a good access token', () => {
  it.each(['Bearer', 'bearer', 'BEARER'])('is taken with the scheme written %s', async (scheme) => {
    const headers = { authorization: `${scheme} ${api.token()}` };
    expect((await api.call('GET', '/api/todolist', { headers })).status).toBe(200);
  });

  it.each<[string, () => Record<string, unknown>]>([
    ['B-12 an audience list with the API in it', () => ({ aud: [webClientId, clientId] })],
    ['B-14 an expiry 30 seconds ago', () => ({ exp: now() - 30 })],
    ['B-15 a start in 30 seconds', () => ({ nbf: now() + 30 })],
    ['B-16 an issue time 30 seconds ahead', () => ({ iat: now() + 30 })],
    ['B-19 a social identity provider', () => ({ idp: 'google.com' })],
    ['B-20 any app, when no list of apps is set', () => ({ azp: randomUUID() })],
  ])('%s is taken', async (_, changes) => {
    expect((await list(api.token(changes()))).status).toBe(200);
  });
});

describe('a token with wrong claims', () => {
  const other = randomUUID();
  const issuer = (tenantId: string) => `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;

  it.each<[string, () => Record<string, unknown>]>([
    ['B-11 iss of another tenant', () => ({ iss: issuer(other) })],
    ['B-11 iss with a trailing slash', () => ({ iss: `${issuer(api.tenant.tenantId)}/` })],
    ['B-11 iss in capitals', () => ({ iss: issuer(api.tenant.tenantId).toUpperCase() })],
    ['B-11 iss missing', () => ({ iss: undefined })],
    ['B-11 iss as a list', () => ({ iss: [issuer(api.tenant.tenantId)] })],
    ['B-12 aud of the web app (an ID token)', () => ({ aud: webClientId })],
    ['B-12 aud of Graph', () => ({ aud: '00000003-0000-0000-c000-000000000000' })],
    ['B-12 aud missing', () => ({ aud: undefined })],
    ['B-12 aud with a prefix', () => ({ aud: `api://${clientId}` })],
    ['B-12 aud list without the API', () => ({ aud: [webClientId, other] })],
    ['B-13 exp missing', () => ({ exp: undefined })],
    ['B-13 exp as text', () => ({ exp: String(now() + 3_600) })],
    ['B-13 exp null', () => ({ exp: null })],
    ['B-15 nbf in five minutes', () => ({ nbf: now() + 300 })],
    ['B-16 iat in ten minutes', () => ({ iat: now() + 600 })],
    ['B-16 iat missing', () => ({ iat: undefined })],
    ['B-18 a nonce, as ID tokens have', () => ({ nonce: 'abc' })],
    ['B-19 tid missing', () => ({ tid: undefined })],
    ['B-19 tid of another tenant', () => ({ tid: other })],
    ['B-19 a guest of another tenant', () => ({ tid: other, idp: `https://sts.windows.net/${other}/` })],
    ['B-19 ver 1.0', () => ({ ver: '1.0' })],
    ['B-28 sub empty', () => ({ sub: '' })],
    ['B-28 sub a number', () => ({ sub: 5 })],
    ['B-28 sub missing', () => ({ sub: undefined })],
    ['B-28 oid missing', () => ({ oid: undefined })],
    ['B-28 oid no GUID', () => ({ oid: 'alice' })],
  ])('%s is refused', async (_, changes) => {
    await expectRefused(api.token(changes()));
  });

  it.each([-61, -3_600])('B-13 exp %i seconds from now is refused as expired', async (seconds) => {
    await expectRefused(api.token({ exp: now() + seconds }), 'expired');
  });

  it('B-13 exp negative is refused as expired', () => expectRefused(api.token({ exp: -1 }), 'expired'));

  it.each(['logout+jwt', 'at+jwt', 'JOSE', 5, undefined])('B-18 typ %s is refused', async (typ) => {
    await expectRefused(api.token({}, { typ }));
  });

  it('B-18 a logout token is refused', () => {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    return expectRefused(api.token({ events, oid: undefined, scp: undefined }));
  });
});

describe('B-20 with a list of the apps that may call', () => {
  it.each([
    ['an app on it', webClientId, 200],
    ['an app on it, in capitals', webClientId.toUpperCase(), 200],
    ['another app', randomUUID(), 403],
    ['no app named', undefined, 403],
  ])('%s gets the right answer', async (_, azp, status) => {
    const choosy = await startApi({ allowedClientIds: [webClientId] });
    const answer = await choosy.call('GET', '/api/todolist', { token: choosy.token({ azp }) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(choosy.logLines.join()).toContain('ALLOWED_CLIENT_IDS');
    await choosy.stop();
  });
});

describe('large tokens', () => {
  it('B-37 a 15 KB token is verified', async () => {
    const token = api.token({ groups: 'x'.repeat(10_500) });
    expect(token.length).toBeGreaterThan(14_000);
    expect((await list(token)).status).toBe(200);
  });

  it('B-37 a 17 KB header gets 431', async () => {
    expect((await list('x'.repeat(17 * 1_024))).status).toBe(431);
  });

  it('B-38 a 1 MB token is refused before it is looked at, where Node was told to take it', async () => {
    const current = vi.fn();
    const app = createApi({
      clientId,
      metadata: { current, ready: () => true },
      keys: { get: vi.fn() },
      store: new InProcessTodoStore(),
      log: { info() {}, warn() {}, error() {} },
      ...unlimited,
    });
    const server = createServer({ maxHeaderSize: 2 ** 22 }, app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/todolist`;
    const token = attacker.sign({ ...claimsOf(attacker), oid: alice, groups: 'x'.repeat(2 ** 20) });
    expect((await send(url, 'GET', { token })).status).toBe(401);
    expect(current).not.toHaveBeenCalled();
    server.close();
  });
});
