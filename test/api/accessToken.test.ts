import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApi } from '../../src/api/app.ts';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';
import { type Api, alice, claimsOf, clientId, send, startApi, unlimited, webClientId } from './apiHarness.ts';

let api: Api;
let attacker: SigningTenant;

beforeAll(async () => {
  [api, attacker] = await Promise.all([startApi(), startSigningTenant()]);
});

afterAll(() => Promise.all([api.stop(), attacker.stop()]));

const list = (token: string) => api.call('GET', '/api/todolist', { token });

describe('a request without usable credentials', () => {
  it.each([
    ['no Authorization', {}],
    ['another scheme', { authorization: 'Basic YWxpY2U6c2VjcmV0' }],
    ['a scheme that only begins like Bearer', { authorization: 'BearerX abc' }],
    ['a token in a cookie', { cookie: 'access_token=abc' }],
    ['a token in a header of another name', { 'x-access-token': 'abc', 'proxy-authorization': 'Bearer abc' }],
  ])('B-01 %s gets 401 without an error code', async (_, headers) => {
    const answer = await api.call('GET', '/api/todolist', { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="todo"');
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('B-01 a token in the query or the body is never read, and never logged', async () => {
    const token = api.token();
    const body = `access_token=${token}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = [
      await api.call('GET', `/api/todolist?${body}`),
      await api.call('POST', '/api/todolist', { body, headers }),
      await api.call('POST', '/api/todolist', { body: { access_token: token, description: 'x' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    for (const { headers } of answers) expect(headers['www-authenticate']).toBe('Bearer realm="todo"');
    expect(api.logLines.join()).not.toContain(token);
  });

  it('two Authorization headers are an invalid request, even if both are valid', async () => {
    const authorization = `Bearer ${api.token()}`;
    const answer = await api.call('GET', '/api/todolist', {
      headers: { authorization: [authorization, authorization] },
    });
    expect(answer.status).toBe(400);
    expect(answer.headers['www-authenticate']).toContain('error="invalid_request"');
  });
});

describe('a valid access token', () => {
  it.each(['Bearer', 'bearer', 'BEARER'])('is accepted with the scheme written %s', async (scheme) => {
    const headers = { authorization: `${scheme} ${api.token()}` };
    expect((await api.call('GET', '/api/todolist', { headers })).status).toBe(200);
  });

  it('B-43 can be used any number of times, by any client, until it expires', async () => {
    const token = api.token({ uti: 'the same every time' });
    for (const _ of Array(3)) expect((await list(token)).status).toBe(200);
    const elsewhere = { 'user-agent': 'another', 'x-forwarded-for': '203.0.113.7' };
    expect((await api.call('GET', '/api/todolist', { token, headers: elsewhere })).status).toBe(200);
  });

  it('B-50 needs no authentication context, and none is asked for by a claims challenge', async () => {
    for (const acrs of [undefined, [], ['c1']]) {
      const answers = [
        await list(api.token({ acrs })),
        await api.call('POST', '/api/todolist', { token: api.token({ acrs }), body: { description: 'Buy milk' } }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 201]);
      for (const { headers } of answers) expect(headers).not.toHaveProperty('www-authenticate');
    }
  });
});

describe('with a list of the apps that may call', () => {
  let choosy: Api;

  beforeAll(async () => {
    choosy = await startApi({ allowedClientIds: [webClientId] });
  });

  afterAll(() => choosy.stop());

  it('B-20 any app is taken when there is no list', async () => {
    for (const azp of [randomUUID(), undefined]) expect((await list(api.token({ azp }))).status).toBe(200);
  });

  it.each(['toLowerCase', 'toUpperCase'] as const)('B-20 an app on it is taken, spelled with %s', async (spell) => {
    const token = choosy.token({ azp: webClientId[spell]() });
    expect((await choosy.call('GET', '/api/todolist', { token })).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['another app', randomUUID()],
    ['no app', undefined],
    ['an app with nothing for a name', ''],
    ['an app whose name begins alike', `${webClientId}0`],
    ['the list itself', `${webClientId},${randomUUID()}`],
    ['the API, which is not on the list', clientId],
  ])('B-20 %s is refused with 403, and the log names it', async (_, azp) => {
    choosy.logLines.length = 0;
    const answer = await choosy.call('GET', '/api/todolist', { token: choosy.token({ azp }) });
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="todo", error="insufficient_scope", error_description="this app may not call the API"',
    );
    const told = choosy.logLines.map((line) => JSON.parse(line)).find(({ level }) => level === 'warn');
    expect(told).toMatchObject({ event: 'permission-refused', cause: expect.stringContaining('ALLOWED_CLIENT_IDS') });
    expect(told.cause).toContain(`the app ${azp} is not`);
  });

  it.each([5, null, [webClientId]])('B-20 an app named by %j, which is no text, is refused with 401', async (azp) => {
    expect((await choosy.call('GET', '/api/todolist', { token: choosy.token({ azp }) })).status).toBe(401);
  });
});

describe('large tokens', () => {
  it('B-37 a 15 KB token is verified', async () => {
    const token = api.token({ groups: 'x'.repeat(10_500) });
    expect(token.length).toBeGreaterThan(14_000);
    expect((await list(token)).status).toBe(200);
  });

  it('B-37 up to 17 KB a token is either verified or the header refused with 431, and nothing between', async () => {
    const statuses = new Map<number, number>();
    for (let size = 10_500; size < 12_600; size += 100) {
      const token = api.token({ groups: 'x'.repeat(size) });
      statuses.set(token.length, (await list(token)).status);
    }
    const lengths = [...statuses.keys()];
    expect(Math.max(...lengths)).toBeGreaterThan(17_000);
    const longestTaken = Math.max(...lengths.filter((length) => statuses.get(length) === 200));
    expect(longestTaken).toBeGreaterThan(15 * 1_024);
    for (const [length, status] of statuses) expect(status).toBe(length <= longestTaken ? 200 : 431);
  });

  it('B-37 a header of 17 KB gets 431', async () => {
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
