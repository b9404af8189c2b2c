import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Api, alice, startApi, webClientId } from './apiHarness.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ allowedClientIds: [webClientId] });
});
afterAll(() => api.stop());
beforeEach(() => {
  api.logLines.length = 0;
});

const events = () => api.logLines.map((line) => JSON.parse(line)).filter(({ message }) => message === 'audit');
const requestId = expect.stringMatching(/^[\da-f-]{36}$/);

test.each([
  ['expired', { exp: 1 }, 'JWTExpired'],
  ['of another tenant', { tid: 'another' }, 'tid'],
  ['for another API', { aud: 'another' }, 'aud'],
  ['without a subject', { sub: undefined }, 'sub'],
])(
  'a refused token that is %s is logged with the failed check and without its values',
  async (_what, changes, named) => {
    const token = api.token(changes);
    const answer = await api.call('GET', '/api/todolist', { token });
    expect(events()).toEqual([
      expect.objectContaining({ level: 'warn', event: 'token-refused', status: 401, requestId }),
    ]);
    expect(events()[0].requestId).toBe(answer.headers['x-request-id']);
    expect(events()[0].cause).toContain(named);
    expect(api.logLines.join()).not.toContain(token.split('.')[1]);
    expect(api.logLines.join()).not.toContain('another');
  },
);

test('a missing permission is logged with the hashed customer', async () => {
  await api.call('POST', '/api/todolist', { token: api.token({ scp: 'ToDoList.Read' }), body: { description: 'x' } });
  const customer = createHash('sha256').update(alice).digest('base64url').slice(0, 16);
  expect(events()).toEqual([
    expect.objectContaining({ event: 'permission-refused', status: 403, requestId, customer }),
  ]);
  expect(api.logLines.join()).not.toContain(alice);
});

test('an app that is not allowed is logged with its client id', async () => {
  await api.call('GET', '/api/todolist', { token: api.token({ azp: '00001111-aaaa-2222-bbbb-3333cccc4444' }) });
  expect(events()[0]).toMatchObject({ event: 'permission-refused', status: 403 });
  expect(events()[0].cause).toContain('the app 00001111-aaaa-2222-bbbb-3333cccc4444 is not in ALLOWED_CLIENT_IDS');
});

test('a success, and a request without a token, are not events', async () => {
  await api.call('GET', '/api/todolist', { token: api.token() });
  await api.call('GET', '/api/todolist');
  expect(events()).toEqual([]);
});
