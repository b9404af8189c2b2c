import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { type Api, alice, startApi } from './apiHarness.ts';

const store = new InProcessTodoStore();
let api: Api;

beforeAll(async () => {
  api = await startApi({ store });
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
    ['a depth of 4000 in a key that is not read', `{"description":"x","x":${deep}}`, 400],
    ['two values', `${good}${good}`, 400],
    ['NaN', '{"description":NaN}', 400],
    ['a comment', `/* x */${good}`, 400],
    ['single quotes', "{'description':'x'}", 400],
    ['a number with 9000 digits', `{"description":${'9'.repeat(9_000)}}`, 400],
    ['only half a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb]), Buffer.from(good)]), 400],
    ['an overlong slash', Buffer.from('{"description":"\xc0\xaf"}', 'latin1'), 400],
    ['half a character in bytes', Buffer.from('{"description":"\xed\xa0\x80"}', 'latin1'), 400],
    ['the other half of a character', '{"description":"\\udc00"}', 400],
    ['two halves in the wrong order', '{"description":"\\udc00\\ud800"}', 400],
    ['half a character in a key', '{"description":"x","\\ud800":1}', 400],
    ['invalid UTF-8', Buffer.from([...Buffer.from('{"description":"'), 0xc3, 0x28, ...Buffer.from('"}')]), 400],
    ['half a character', '{"description":"\\ud800"}', 400],
    ['UTF-16', Buffer.from(good, 'utf16le'), 400],
  ])('B-34 %s gets a problem, not a stack', async (_, body, status) => {
    const before = await store.list(alice);
    const answer = await add(body);
    expect(answer.status).toBe(status);
    expect(await store.list(alice)).toEqual(before);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.text).not.toMatch(/at .*\.[tj]s|SyntaxError|Unexpected|position/);
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
    ['application/json, text/plain', 415],
    ['text/plain; application/json', 415],
    ['application/json; charset=utf-8; charset=utf-16', 415],
    ['application/json; boundary=x', 415],
    ['application/problem+json', 415],
    ['application/json', 201],
    ['application/json; charset=utf-8', 201],
    ['Application/JSON;charset="UTF-8"', 201],
  ])('B-35 the content type %j gets %i', async (type, status) => {
    const before = await store.list(alice);
    const answer = await add(good, { 'content-type': type });
    expect(answer.status).toBe(status);
    if (status === 201) return;
    expect(answer.headers).toMatchObject({ accept: 'application/json' });
    expect(await store.list(alice)).toEqual(before);
  });

  it('B-35 a body without any content type gets 415', async () => {
    const outcome = await fetch(`${api.baseUrl}/api/todolist`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.token()}` },
      body: new Blob([good]),
    });
    expect(outcome.status).toBe(415);
  });

  it.each([
    ['gzip', gzipSync(`{"description":"${'x'.repeat(5_000_000)}"}`), 413],
    ['br', brotliCompressSync(`{"description":"${'x'.repeat(5_000_000)}"}`), 413],
    ['gzip', gzipSync(`{"description":"x"${' '.repeat(20_000)}}`), 413],
    ['deflate', deflateSync(`{"description":"${'x'.repeat(5_000_000)}"}`), 413],
    ['gzip, gzip', gzipSync(gzipSync(`{"description":"${'x'.repeat(5_000_000)}"}`)), 415],
    ['gzip', Buffer.from('no gzip at all'), 400],
    ['gzip', gzipSync(good).subarray(0, 20), 400],
    ['zip', Buffer.from(good), 415],
    ['gzip', gzipSync(good), 201],
  ])(
    'B-35 the content encoding %s with a bomb, nonsense or a to-do gets its answer (%#)',
    async (encoding, body, status) => {
      const before = await store.list(alice);
      const answer = await add(body, { 'content-encoding': encoding });
      expect(answer.status).toBe(status);
      if (status !== 201) expect(await store.list(alice)).toEqual(before);
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
      expect(answer.text).not.toContain('authorization');
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
    const headers = { [name]: 'DELETE' };
    expect((await api.call('GET', path, { token: api.token(), headers })).status).toBe(200);
    expect((await api.call('POST', path, { token: api.token(), headers })).status).toBe(405);
    expect((await add('{"description":"Buy milk","_method":"DELETE"}', headers)).status).toBe(400);
    expect(await store.find(alice, id)).toEqual({ id, owner: alice, description: 'Buy milk' });
    const reader = api.token({ scp: 'ToDoList.Read' });
    const sneaked = await api.call('POST', '/api/todolist', { token: reader, body: good, headers: { [name]: 'GET' } });
    expect(sneaked.status).toBe(403);
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
