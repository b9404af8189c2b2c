import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { InProcessTodoStore } from '../../src/api/InProcessTodoStore.ts';
import { type Api, alice, bob, startApi } from '../api/apiHarness.ts';
import { type SendOptions, send } from '../support/send.ts';

const store = new InProcessTodoStore();
let api: Api;
let theirs: number;

beforeAll(async () => {
  api = await startApi({ store });
  theirs = (await store.add(bob, 'Call home')).id;
});

beforeEach(() => {
  api.logLines.length = 0;
});

afterAll(() => api.stop());

/** Sends a request with exactly this target in its first line, with Alice's token. */
function ask(target: string, { headers = {}, ...options }: SendOptions = {}): Promise<Response> {
  return send(api.baseUrl, { target, headers: { authorization: `Bearer ${api.token()}`, ...headers }, ...options });
}

async function requestLine(): Promise<Record<string, unknown>> {
  const line = await vi.waitUntil(() => api.logLines.find((found) => found.includes('"request"')));
  return JSON.parse(line);
}

describe('unusual request targets for the to-dos', () => {
  it.each(['http://evil.example.com/api/todolist', 'HTTP://user:pass@evil.example.com:1/api/todolist'])(
    '%s is answered as the path alone, and its host is used for nothing',
    async (target) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-host': 'evil.example.com' };
      const added = await ask(target, { method: 'POST', headers, body: '{"description":"x"}' });
      expect(added.status).toBe(201);
      expect(added.headers.get('location')).toMatch(/^\/api\/todolist\/\d+$/);
      expect(JSON.stringify([...added.headers])).not.toContain('evil');
    },
  );

  it.each([
    '//evil.example.com/api/todolist',
    '/livez/../api/todolist',
    '/livez/%2e%2e/api/todolist',
    '/api//todolist',
    '/api/todolis%74',
    '/api%2ftodolist',
    '/api\\todolist',
    '/api/todolist;jsessionid=1',
    '/api/todolist.json',
  ])('%s is not found, because proxies and servers disagree on its meaning', async (target) => {
    expect((await ask(target)).status).toBe(404);
  });

  it.each(['', 'N?', 'N;x', 'N.0', 'N%00', 'N%0a', 'N%20', 'N%2f', '..%2fN', '%2e%2e', '%EF%BC%91', '%00', 'N%ff'])(
    'the id %j, where N is a to-do of another, leads to nothing',
    async (id) => {
      const answer = await ask(`/api/todolist/${id.replace('N', String(theirs))}`, { method: 'DELETE' });
      expect([400, 404, 405]).toContain(answer.status);
      expect(await store.list(bob)).toHaveLength(1);
    },
  );

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'toString'])('the id %s is not found', async (id) => {
    expect((await ask(`/api/todolist/${id}`)).status).toBe(404);
  });
});

describe('the log', () => {
  it('has one line for a path with line breaks, escaped as received and cut at 200 characters', async () => {
    await ask(`/%0d%0alevel=error%0d%0a${'x'.repeat(5_000)}?token=secret`);
    const { path, status } = await requestLine();
    expect(status).toBe(404);
    expect(path).toBe(`/%0d%0alevel=error%0d%0a${'x'.repeat(5_000)}`.slice(0, 200));
    for (const line of api.logLines) expect(line).not.toMatch(/[\r\n]|secret/);
  });

  it('contains no headers, body or customer data', async () => {
    const marked = { referer: 'marked', cookie: 'marked=1', 'user-agent': 'marked', 'x-request-id': 'marked' };
    const headers = { ...marked, 'content-type': 'application/json' };
    await ask('/api/todolist', { method: 'POST', headers, body: '{"description":"marked"}' });
    await ask('/api/todolist', { method: 'POST', headers, body: '{"marked":"marked' });
    await ask('/api/todolist', { headers: { ...marked, authorization: 'Bearer marked' } });
    await vi.waitUntil(() => api.logLines.filter((line) => line.includes('"request"')).length === 3);
    for (const said of ['marked', alice, 'Bearer']) expect(api.logLines.join()).not.toContain(said);
  });
});

describe('requests that two servers could interpret differently', () => {
  it.each<[string, SendOptions]>([
    ['a length and chunks', { headers: { 'content-length': '5', 'transfer-encoding': 'chunked' } }],
    ['chunks that are named twice', { headers: { 'transfer-encoding': 'chunked, identity' } }],
    ['a length with a sign', { headers: { 'content-length': '+5' } }],
  ])('%s are refused before the API sees them', async (_, { headers = {} }) => {
    expect((await ask('/api/todolist', { method: 'POST', headers })).status).toBe(400);
    expect(api.logLines).toEqual([]);
  });
});
