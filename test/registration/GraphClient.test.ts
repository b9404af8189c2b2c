import { describe, expect, test } from 'vitest';
import { GraphClient, GraphError } from '../../src/registration/GraphClient.ts';
import { HttpClientError, type HttpRequest, type HttpResponse } from '../../src/runtime/httpClient.ts';

type Answer = Partial<Omit<HttpResponse, 'body'>> & { readonly body?: object };

/** A Graph that gives the answers in turn, the last one for ever. */
function scripted(...answers: (Answer | 'away')[]) {
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const graph = new GraphClient({
    baseUrl: 'https://graph.example.com/v1.0',
    accessToken: async () => 'the-access-token',
    wait: async (ms) => waits.push(ms / 1000),
    http: {
      request: async (request) => {
        const answer = answers[Math.min(requests.length, answers.length - 1)] ?? 'away';
        requests.push(request);
        if (answer === 'away') throw new HttpClientError('unreachable', 'https://graph.example.com: took too long');
        const { body, ...rest } = answer;
        return { status: 200, headers: {}, ...rest, body: body ? JSON.stringify(body) : '' };
      },
    },
  });
  return { graph, requests, waits };
}

const refused = (status: number, code = 'SomeCode', headers: Record<string, string> = {}): Answer => ({
  ...{ status, headers },
  body: { error: { code, message: 'Some reason.' } },
});

async function failureOf(work: Promise<unknown>): Promise<GraphError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GraphError)) throw new Error('it should have failed with a GraphError');
  return error;
}

describe('Graph, when it is busy or away', () => {
  test('is asked again after 1, 2, 4, 8 and 16 seconds, and then no more', async () => {
    const { graph, requests, waits } = scripted('away');
    expect((await failureOf(graph.get('/organization'))).code).toBe('Unreachable');
    expect(waits).toEqual([1, 2, 4, 8, 16]);
    expect(requests).toHaveLength(6);
  });

  test.each(['away', refused(500), refused(503), refused(429)] as const)(
    'answers a read that is repeated after %j',
    async (first) => {
      const { graph, waits } = scripted(first, { body: { id: '1' } });
      expect(await graph.get('/organization')).toEqual({ id: '1' });
      expect(waits).toEqual([1]);
    },
  );

  test('is left alone for as long as it says, but for two minutes at most', async () => {
    const { graph, waits } = scripted(
      refused(429, 'TooManyRequests', { 'retry-after': '30' }),
      refused(429, 'TooManyRequests', { 'retry-after': '86400' }),
      {},
    );
    await graph.patch('/applications/1', {});
    expect(waits).toEqual([30, 120]);
  });

  test('is never sent a POST twice that it may have done already', async () => {
    for (const answer of ['away', refused(500), refused(503)] as const) {
      const { graph, requests } = scripted(answer);
      await failureOf(graph.post('/servicePrincipals', {}));
      expect(requests).toHaveLength(1);
    }
  });

  test('is sent a POST again that it has put off', async () => {
    const { graph, requests } = scripted(refused(429), { body: { id: '1' } });
    await graph.post('/servicePrincipals', { appId: '1' });
    expect(requests.map(({ body }) => body)).toEqual(['{"appId":"1"}', '{"appId":"1"}']);
  });
});

describe('a refusal of Graph', () => {
  test.each([400, 401, 403, 404, 409])('with %i is not asked again', async (status) => {
    const { graph, requests } = scripted(refused(status));
    expect((await failureOf(graph.get('/organization'))).status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('says what, why and the request id, and neither the token nor what was sent', async () => {
    const { graph } = scripted(refused(400, 'Request_BadRequest', { 'request-id': 'id-1' }));
    const error = await failureOf(graph.post('/applications/1/addPassword', { secret: 'sent-secret' }));
    expect(error.message).toBe(
      'Graph refused POST /v1.0/applications/1/addPassword: 400 Request_BadRequest: Some reason. (request id id-1)',
    );
    expect(JSON.stringify(error) + error.stack).not.toMatch(/the-access-token|sent-secret/);
  });

  test('without a reason is told as such', async () => {
    const { graph } = scripted({ status: 418 });
    expect((await failureOf(graph.get('/teapot'))).message).toContain('418 Unknown: no reason given');
  });
});

describe('what is not there', () => {
  test('is found to be nothing, and its removal succeeds', async () => {
    const { graph } = scripted(refused(404));
    expect(await graph.find('/applications/1')).toBeUndefined();
    await expect(graph.delete('/applications/1')).resolves.toBeUndefined();
  });

  test('does not hide another refusal', async () => {
    const { graph } = scripted(refused(403));
    expect((await failureOf(graph.find('/applications/1'))).status).toBe(403);
    expect((await failureOf(graph.delete('/applications/1'))).status).toBe(403);
  });
});

describe('a list', () => {
  const page = (value: unknown[], next?: string): Answer => ({
    body: { value, ...(next && { '@odata.nextLink': next }) },
  });

  test('is read over all its pages', async () => {
    const second = 'https://graph.example.com/v1.0/applications?$skiptoken=2';
    const { graph, requests } = scripted(page([1, 2], second), page([3]));
    expect(await graph.list('/applications')).toEqual([1, 2, 3]);
    expect(requests.map(({ url }) => url)).toEqual(['https://graph.example.com/v1.0/applications', second]);
  });

  test.each(['https://elsewhere.example.com/v1.0/applications', 'http://graph.example.com/v1.0/applications', 'here'])(
    'is not followed to %s, where the token must not go',
    async (next) => {
      const { graph, requests } = scripted(page([1], next), page([2]));
      expect((await failureOf(graph.list('/applications'))).code).toBe('ForeignNextLink');
      expect(requests).toHaveLength(1);
    },
  );

  test('of an unknown form is refused', async () => {
    const { graph } = scripted({ body: { entries: [] } });
    expect((await failureOf(graph.list('/applications'))).code).toBe('UnknownForm');
  });
});

test('an application is made by the request that cannot make it twice', async () => {
  const { graph, requests } = scripted({ status: 201, body: { id: '1' } });
  await graph.patch("/applications(uniqueName='sample-web')", { displayName: 'Web' }, { createIfMissing: true });
  expect(requests[0]).toMatchObject({
    ...{ method: 'PATCH', url: "https://graph.example.com/v1.0/applications(uniqueName='sample-web')" },
    headers: { prefer: 'create-if-missing', authorization: 'Bearer the-access-token' },
  });
});
