import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, alice, startApi } from './apiHarness.ts';

let api: Api;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.stop());

const add = (body: unknown, headers: Record<string, string> = {}) =>
  api.call('POST', '/api/todolist', { token: api.token(), body, headers });

const good = '{"description":"Buy milk"}';
const deep = '['.repeat(4_000) + ']'.repeat(4_000);

describe('bodies', () => {
  it.each<[string, string | Buffer, number]>([
    ['nothing', '', 400],
    ['invalid JSON', '{"description":', 400],
    ['a trailing comma', '{"description":"x",}', 400],
    ['a list', '[{"description":"x"}]', 400],
    ['a number', '5', 400],
    ['null', 'null', 400],
    ['text', '"x"', 400],
    ['a byte order mark', `\ufeff${good}`, 400],
    ['100 KB', JSON.stringify({ description: 'x'.repeat(100_000) }), 413],
    ['a depth of 4000', deep, 400],
    ['a depth of 4000 inside', `{"description":${deep}}`, 400],
    ['invalid UTF-8', Buffer.from([...Buffer.from('{"description":"'), 0xc3, 0x28, ...Buffer.from('"}')]), 400],
    ['half a character', '{"description":"\\ud800"}', 400],
    ['UTF-16', Buffer.from(good, 'utf16le'), 400],
  ])('B-34 %s gets a problem, not a stack', async (_, body, status) => {
    const answer = await add(body);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.text).not.toMatch(/at .*\.[tj]s|SyntaxError|Unexpected/);
  });

  it('B-34 of two equal keys the last one counts', async () => {
    const answer = await add('{"description":"first","description":"last"}');
    expect(JSON.parse(answer.text)).toMatchObject({ owner: alice, description: 'last' });
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['', 415],
    ['application/json; charset=utf-7', 415],
    ['application/json; charset=utf-16', 415],
    ['application/jsonx', 415],
    ['text/json', 415],
    ['application/json', 201],
    ['application/json; charset=utf-8', 201],
    ['Application/JSON;charset="UTF-8"', 201],
  ])('B-35 the content type %j gets %i', async (type, status) => {
    expect((await add(good, { 'content-type': type })).status).toBe(status);
  });

  it.each([
    ['gzip', gzipSync(`{"description":"${'x'.repeat(5_000_000)}"}`), 413],
    ['br', brotliCompressSync(`{"description":"${'x'.repeat(5_000_000)}"}`), 413],
    ['gzip', Buffer.from('no gzip at all'), 400],
    ['zip', Buffer.from(good), 415],
    ['gzip', gzipSync(good), 201],
  ])(
    'B-35 the content encoding %s with a bomb, nonsense or a to-do gets its answer (%#)',
    async (encoding, body, status) => {
      expect((await add(body, { 'content-encoding': encoding })).status).toBe(status);
    },
  );

  it.each(['text/html', 'application/xml', 'nonsense', '*/*;q=0'])(
    'B-36 Accept: %s gets JSON anyway',
    async (accept) => {
      const answer = await api.call('GET', '/api/todolist', { token: api.token(), headers: { accept } });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toContain('application/json');
    },
  );
});

describe('methods', () => {
  it('B-44 HEAD answers as GET, without a body', async () => {
    const answer = await api.call('HEAD', '/api/todolist', { token: api.token() });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('');
  });

  it.each([
    ['/api/todolist', 'GET, HEAD, POST'],
    ['/api/todolist/1', 'GET, HEAD, PUT, DELETE'],
    ['/livez', 'GET, HEAD'],
    ['/readyz', 'GET, HEAD'],
  ])('B-44 %s refuses other methods and names its own', async (path, allow) => {
    for (const method of ['PATCH', 'TRACE', 'OPTIONS', 'PROPFIND', ...(allow.includes('POST') ? ['PUT'] : ['POST'])]) {
      const answer = await api.call(method, path, { token: api.token() });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe(allow);
    }
  });

  it('B-44 a preflight of a foreign origin gets no permission', async () => {
    const headers = { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET']) {
      const answer = await api.call(method, '/api/todolist', { headers, token: api.token() });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override'])('B-45 %s is ignored', async (name) => {
    const { id } = JSON.parse((await add(good)).text);
    const path = `/api/todolist/${id}?_method=DELETE`;
    expect((await api.call('GET', path, { token: api.token(), headers: { [name]: 'DELETE' } })).status).toBe(200);
    expect((await api.call('GET', path, { token: api.token() })).status).toBe(200);
  });

  it.each(['/', '/api', '/api/todolist/1/2', '/favicon.ico', '/api/todolists', '/%2e%2e/etc/passwd'])(
    '%s is not there',
    async (path) => {
      const answer = await api.call('GET', path);
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    },
  );
});
