import { describe, expect, test } from 'vitest';
import { GraphClient, GraphError } from '../../src/registration/GraphClient.ts';
import { HttpClientError, type HttpRequest, type HttpResponse } from '../../src/runtime/httpClient.ts';

type Answer = Partial<Omit<HttpResponse, 'body'>> & { readonly body?: object };

/** A Graph that gives the answers in turn, and then repeats the last one. */
function scripted(...answers: (Answer | 'unreachable')[]) {
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const graph = new GraphClient({
    baseUrl: 'https://graph.example.com/v1.0',
    accessToken: async () => 'the-access-token',
    wait: async (ms) => waits.push(ms / 1000),
    http: {
      request: async (request) => {
        const answer = answers[Math.min(requests.length, answers.length - 1)] ?? 'unreachable';
        requests.push(request);
        if (answer === 'unreachable')
          throw new HttpClientError('unreachable', 'https://graph.example.com: took too long');
        const { body, ...rest } = answer;
        return { status: 200, headers: {}, ...rest, body: body ? JSON.stringify(body) : '' };
      },
    },
  });
  return { graph, requests, waits };
}

const refused = (status: number, code = 'SomeCode', more: Answer = {}): Answer => ({
  ...more,
  status,
  body: { error: { code, message: 'Some reason.' } },
});

async function failureOf(work: Promise<unknown>): Promise<GraphError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GraphError)) throw new Error('It should have failed with a GraphError.');
  return error;
}

describe('Graph, while it is busy or unavailable', () => {
  test('gets a request again after 1, 2, 4, 8 and 16 seconds, and then no more', async () => {
    const { graph, requests, waits } = scripted('unreachable');
    expect((await failureOf(graph.get('/organization'))).code).toBe('Unreachable');
    expect(waits).toEqual([1, 2, 4, 8, 16]);
    expect(requests).toHaveLength(6);
  });

  test.each(['unreachable', refused(500), refused(503), refused(429)] as const)(
    'gets a read again after %j',
    async (first) => {
      const { graph, waits } = scripted(first, { body: { id: '1' } });
      expect(await graph.get('/organization')).toEqual({ id: '1' });
      expect(waits).toEqual([1]);
    },
  );

  test('gets no request for as long as Retry-After asks', async () => {
    const { graph, waits } = scripted(
      refused(429, 'TooManyRequests', { retryAfterSeconds: 30 }),
      refused(429, 'TooManyRequests', { retryAfterSeconds: 1 }),
      {},
    );
    await graph.patch('/applications/1', {});
    expect(waits).toEqual([30, 2]);
  });

  test('never gets a POST again that it may have done', async () => {
    for (const answer of ['unreachable', refused(500), refused(503)] as const) {
      const { graph, requests } = scripted(answer);
      await failureOf(graph.post('/servicePrincipals', {}));
      expect(requests).toHaveLength(1);
    }
  });

  test('gets a POST again that it answered with 429', async () => {
    const { graph, requests } = scripted(refused(429), { body: { id: '1' } });
    await graph.post('/servicePrincipals', { appId: '1' });
    expect(requests.map(({ body }) => body)).toEqual(['{"appId":"1"}', '{"appId":"1"}']);
  });
});

describe('an error of Graph', () => {
  test.each([400, 401, 403, 404, 409])('with status %i is final', async (status) => {
    const { graph, requests } = scripted(refused(status));
    expect((await failureOf(graph.get('/organization'))).status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('names the request, the reason and the request id, but neither the token nor the body', async () => {
    const { graph } = scripted(refused(400, 'Request_BadRequest', { headers: { 'request-id': 'id-1' } }));
    const error = await failureOf(graph.post('/applications/1/addPassword', { secret: 'sent-secret' }));
    expect(error.message).toBe(
      'Graph refused POST /v1.0/applications/1/addPassword: 400 Request_BadRequest: Some reason. (request id id-1)',
    );
    expect(JSON.stringify(error) + error.stack).not.toMatch(/the-access-token|sent-secret/);
  });

  test('without a reason says so', async () => {
    const { graph } = scripted({ status: 418 });
    expect((await failureOf(graph.get('/teapot'))).message).toContain('418 Unknown: no reason given');
  });
});

describe('a missing object', () => {
  test('is undefined, and deleting it succeeds', async () => {
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

  test('is read from all its pages', async () => {
    const second = 'https://graph.example.com/v1.0/applications?$skiptoken=2';
    const { graph, requests } = scripted(page([1, 2], second), page([3]));
    expect(await graph.list('/applications')).toEqual([1, 2, 3]);
    expect(requests.map(({ url }) => url)).toEqual(['https://graph.example.com/v1.0/applications', second]);
  });

  test.each(['https://elsewhere.example.com/v1.0/applications', 'http://graph.example.com/v1.0/applications', 'here'])(
    'is not followed to %s, which must not get the token',
    async (next) => {
      const { graph, requests } = scripted(page([1], next), page([2]));
      expect((await failureOf(graph.list('/applications'))).code).toBe('ForeignNextLink');
      expect(requests).toHaveLength(1);
    },
  );

  test('in an unknown form is refused', async () => {
    const { graph } = scripted({ body: { entries: [] } });
    expect((await failureOf(graph.list('/applications'))).code).toBe('UnknownForm');
  });
});

test('an application is created by a request that cannot create it twice', async () => {
  const { graph, requests } = scripted({ status: 201, body: { id: '1' } });
  await graph.patch("/applications(uniqueName='sample-web')", { displayName: 'Web' }, { createIfMissing: true });
  expect(requests[0]).toMatchObject({
    method: 'PATCH',
    url: "https://graph.example.com/v1.0/applications(uniqueName='sample-web')",
    headers: { prefer: 'create-if-missing', authorization: 'Bearer the-access-token' },
  });
});
