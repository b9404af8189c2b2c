import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { type Api, bob, type Call, startApi } from '../api/apiHarness.ts';

const evil = 'https://evil.example.com';
let api: Api;

class StoreBrokenForBob extends InProcessTodoStore {
  override async list(owner: string) {
    if (owner === bob) throw new Error(`Broken at ${owner}`);
    return super.list(owner);
  }
}

beforeAll(async () => {
  api = await startApi({ store: new StoreBrokenForBob() });
});

afterAll(() => api.stop());

const json = 'application/json; charset=utf-8';
const problem = 'application/problem+json; charset=utf-8';
const good = { description: 'Buy milk' };

type Row = [status: number, what: string, method: string, path: string, call: () => Call, type?: string | undefined];

const rows: Row[] = [
  [200, 'the list', 'GET', '/api/todolist', () => ({ token: api.token() }), json],
  [200, 'the list for HEAD', 'HEAD', '/api/todolist', () => ({ token: api.token() }), json],
  [201, 'a new to-do', 'POST', '/api/todolist', () => ({ token: api.token(), body: good }), json],
  [400, 'a bad body', 'POST', '/api/todolist', () => ({ token: api.token(), body: '{' }), problem],
  [400, 'a bad path', 'GET', '/api/todolist/%E0%A4%A', () => ({ token: api.token() }), problem],
  [401, 'no token', 'GET', '/api/todolist', () => ({}), problem],
  [401, 'a bad token', 'GET', '/api/todolist', () => ({ token: 'a.b.c' }), problem],
  [403, 'no permission', 'GET', '/api/todolist', () => ({ token: api.token({ scp: 'openid' }) }), problem],
  [404, 'no such to-do', 'GET', '/api/todolist/999999', () => ({ token: api.token() }), problem],
  [404, 'no such path', 'GET', '/nowhere', () => ({}), problem],
  [404, 'no such path, with a name of JavaScript', 'GET', '/__proto__/constructor', () => ({}), problem],
  [404, 'no such path for OPTIONS', 'OPTIONS', '/nowhere', () => ({}), problem],
  [405, 'a wrong method', 'PATCH', '/api/todolist', () => ({}), problem],
  [405, 'a preflight', 'OPTIONS', '/api/todolist', () => ({}), problem],
  [405, 'TRACE', 'TRACE', '/api/todolist/1', () => ({ headers: { cookie: 'secret=1' } }), problem],
  [405, 'a wrong method to a probe', 'POST', '/livez', () => ({}), problem],
  [413, 'a large body', 'POST', '/api/todolist', () => ({ token: api.token(), body: 'x'.repeat(11_000) }), problem],
  [415, 'a form', 'POST', '/api/todolist', () => formOf('application/x-www-form-urlencoded'), problem],
  [415, 'an unknown encoding', 'POST', '/api/todolist', () => formOf('application/json', 'zip'), problem],
  [500, 'what is broken', 'GET', '/api/todolist', () => ({ token: api.token({ oid: bob }) }), problem],
  [200, 'a probe', 'GET', '/livez', () => ({}), json],
  [200, 'another probe', 'GET', '/readyz', () => ({}), json],
];

function formOf(type: string, encoding = 'identity'): Call {
  return { token: api.token(), body: 'x=1', headers: { 'content-type': type, 'content-encoding': encoding } };
}

const closed = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

describe('the headers of a response', () => {
  it.each(rows)('are strict: %i for %s', async (status, _, method, path, call, type) => {
    const { headers = {}, ...rest } = call();
    const asked = { origin: evil, 'access-control-request-method': 'DELETE', ...headers };
    const answer = await api.call(method, path, { ...rest, headers: asked });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ ...closed, 'content-type': type });
    if (!path.endsWith('z')) expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const names = Object.keys(answer.headers);
    for (const name of ['x-powered-by', 'server', 'etag', 'set-cookie', 'vary']) expect(names).not.toContain(name);
    expect(names.filter((name) => name.startsWith('access-control'))).toEqual([]);
    for (const [name, value] of Object.entries(answer.headers)) expect(`${name}: ${value}`).not.toContain('evil');
  });

  it('are strict on a 204 without a body', async () => {
    const { headers } = await api.call('POST', '/api/todolist', { token: api.token(), body: good });
    const answer = await api.call('DELETE', String(headers.location), { token: api.token() });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject(closed);
    expect(answer.headers).not.toHaveProperty('content-type');
  });

  it('are strict on a 503', async () => {
    const away = await startApi();
    away.tenant.mood = 'away';
    const answer = await away.call('GET', '/api/todolist', { token: away.token() });
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({ ...closed, 'content-type': problem });
    await away.stop();
  });
});

describe('a problem response', () => {
  const marker = '"><script>injected(1)</script>';

  it.each<[string, string, string, () => Call]>([
    ['path', 'GET', `/${encodeURIComponent(marker)}`, () => ({})],
    ['id', 'GET', `/api/todolist/${encodeURIComponent(marker)}`, () => ({ token: api.token() })],
    ['query', 'GET', `/nowhere?${encodeURIComponent(marker)}`, () => ({})],
    ['body', 'POST', '/api/todolist', () => ({ token: api.token(), body: marker })],
    ['key', 'POST', '/api/todolist', () => ({ token: api.token(), body: { description: 'x', [marker]: 1 } })],
    ['content type', 'POST', '/api/todolist', () => formOf(`text/${marker}`)],
    ['content encoding', 'POST', '/api/todolist', () => formOf('application/json', marker)],
    ['token', 'GET', '/api/todolist', () => ({ token: marker })],
    ['scheme', 'GET', '/api/todolist', () => ({ headers: { authorization: marker } })],
    ['host', 'GET', '/nowhere', () => ({ headers: { host: marker } })],
    ['request id', 'GET', '/nowhere', () => ({ headers: { 'x-request-id': marker } })],
  ])('does not repeat the %s that it was sent', async (_, method, path, call) => {
    const answer = await api.call(method, path, call());
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers['content-type']).toBe(problem);
    expect(JSON.stringify([answer.text, answer.headers])).not.toContain('injected');
  });

  it('for an internal error hides the reason, which is logged', async () => {
    api.logLines.length = 0;
    const answer = await api.call('GET', '/api/todolist', { token: api.token({ oid: bob }) });
    expect(JSON.parse(answer.text)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'Something went wrong on our side.',
    });
    expect(api.logLines.join()).toContain('Broken');
  });
});
