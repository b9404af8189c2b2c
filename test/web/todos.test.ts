import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createHttpClient,
  type HttpClient,
  HttpClientError,
  type HttpRequest,
  type HttpResponse,
} from '../../src/runtime/httpClient.ts';
import type { Browser } from '../support/Browser.ts';
import { type System, startSystem, until } from '../support/system.ts';

const http = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 4 * 1024 * 1024 });
/** Answers for the next calls of the API, in place of its own; `unreachable` for no answer at all. */
let answers: (HttpResponse | 'unreachable')[] = [];
/** The calls of the API, as `POST /api/todolist`. */
let calls: string[] = [];
/** Is told of each call that then gets no answer. */
let held: ((request: HttpRequest) => void) | undefined;
/** Ends only when the caller gives up. */
function neverAnswered(request: HttpRequest): Promise<HttpResponse> {
  held?.(request);
  return new Promise((_resolve, reject) => {
    request.signal?.addEventListener('abort', () => reject(new HttpClientError('unreachable', 'given up')));
  });
}
const todoHttp: HttpClient = {
  async request(request) {
    if (held) return await neverAnswered(request);
    calls.push(`${request.method} ${new URL(request.url).pathname}`);
    const answer = answers.shift();
    if (answer === 'unreachable') throw new HttpClientError('unreachable', 'unreachable in this test');
    return answer ?? (await http.request(request));
  },
};

const guid = 'd9b2d63d-a233-4123-847a-7ac9c8bbb2d4';
let system: System;
let url: string;
let alice: Browser;
beforeAll(async () => {
  system = await startSystem();
  url = await system.startWeb({}, { todoHttp });
  alice = await system.signedIn('alice@example.com');
});
afterAll(() => system.stop());
beforeEach(async () => {
  held = undefined;
  await alice.goto(`${url}/todos`);
  answers = [];
  calls = [];
});

const status = (code: number, body: object = {}, more: Partial<HttpResponse> = {}) => ({
  status: code,
  headers: {},
  body: JSON.stringify(body),
  ...more,
});

function shown(browser: Browser): string[] {
  return [...browser.page.html.matchAll(/<span class="text">([^<]*)</g)].map(([, text = '']) => text);
}

function idOf(description: string): string {
  return /\/todos\/(\d+)\//.exec(alice.form(`Remove ${description}`).action)?.[1] ?? '';
}

/** The text that a form of the page holds. */
function textIn(browser: Browser, button: string): string | undefined {
  return browser.form(button).fields.description;
}

describe('the to-do list', () => {
  test('can be added to, changed and removed from, and each form returns to it', async () => {
    let page = await alice.submit('Add', { description: '  Buy milk  ' });
    expect([page.status, page.url.href, shown(alice)]).toEqual([200, `${url}/todos`, ['Buy milk']]);
    page = await alice.submit('Save', { description: 'Buy oat milk' });
    expect([page.status, page.url.href, shown(alice)]).toEqual([200, `${url}/todos`, ['Buy oat milk']]);
    page = await alice.submit('Remove Buy oat milk');
    expect([page.status, page.url.href, shown(alice)]).toEqual([200, `${url}/todos`, []]);
    expect(alice.text()).toContain('Nothing to do yet');
  });

  test.each([
    ['', 'Write what there is to do.'],
    ['   ', 'Write what there is to do.'],
    ['x'.repeat(501), 'Use at most 500 characters.'],
    ['two\nlines', 'Use one line of plain text.'],
  ])('shows the refused text %j with the reason, and requests only the list from the API', async (text, reason) => {
    const page = await alice.submit('Add', { description: text });
    expect([page.status, calls]).toEqual([400, ['GET /api/todolist']]);
    expect(alice.text()).toContain(reason);
    expect(textIn(alice, 'Add')).toBe(text);
  });

  test("shows a refused text with the API's reason", async () => {
    answers = [status(409, { detail: 'Your list is full.' })];
    const page = await alice.submit('Add', { description: 'One too many' });
    expect([page.status, alice.text().includes('Your list is full.')]).toEqual([400, true]);
    expect(textIn(alice, 'Add')).toBe('One too many');
  });

  test('shows the text, and does not claim to know the outcome, while the API is unavailable', async () => {
    answers = ['unreachable', 'unreachable'];
    const page = await alice.submit('Add', { description: 'Maybe saved' });
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5']);
    expect(alice.text()).toContain('we cannot tell whether this was saved');
    expect(textIn(alice, 'Add')).toBe('Maybe saved');
  });

  test.each([
    ['unreachable', 'unreachable', '5'],
    ['broken', status(500), '5'],
    ['something else', { ...status(200), body: '<h1>Hello</h1>' }, '5'],
  ] as const)('says when to try again while the API is %s', async (_state, answer, retryAfter) => {
    answers = [answer];
    const page = await alice.goto(`${url}/todos`);
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, retryAfter]);
    expect(alice.text()).toContain('The list is unavailable');
  });

  test.each([
    ['5', {}],
    ['17', { retryAfterSeconds: 17 }],
  ])('asks to wait %s s when the API refuses one change too many', async (seconds, more) => {
    answers = [status(429, {}, more)];
    let page = await alice.goto(`${url}/todos`);
    expect([page.status, page.headers.get('retry-after')]).toEqual([429, seconds]);
    expect(alice.text()).toContain('so this was not done');
    await alice.goto(`${url}/todos`);
    answers = [status(429, {}, more)];
    page = await alice.submit('Add', { description: 'Not yet' });
    expect([page.status, page.headers.get('retry-after')]).toEqual([429, seconds]);
    expect(alice.text()).toContain('this one was not saved');
    expect(textIn(alice, 'Add')).toBe('Not yet');
  });

  test('has 50 to-dos on a page, the newest first, and a change or removal returns to its page', async () => {
    const list = Array.from({ length: 120 }, (_, index) => ({
      id: index + 1,
      owner: guid,
      description: `No. ${index + 1}`,
    }));
    answers = Array(6).fill(status(200, list));
    await alice.goto(`${url}/todos`);
    expect([shown(alice).length, shown(alice)[0], shown(alice).at(-1)]).toEqual([50, 'No. 120', 'No. 71']);
    await alice.goto('/todos?after=71');
    expect([shown(alice).length, shown(alice)[0], shown(alice).at(-1)]).toEqual([50, 'No. 70', 'No. 21']);
    const page = await alice.submit('Remove No. 50');
    expect([page.url.search, calls.slice(2)]).toEqual(['?after=71', ['DELETE /api/todolist/50', 'GET /api/todolist']]);
    await alice.submit('Save', { description: ' ' });
    expect([alice.page.status, shown(alice)[0]]).toEqual([400, 'No. 70']);
  });

  test.each(['', '0', 'x', '-1', '1&after=2', '%00'])('begins with the newest to-dos after %j', async (after) => {
    const page = await alice.goto(`${url}/todos?after=${after}`);
    expect([page.status, alice.page.html.includes('Newest to-dos')]).toEqual([200, false]);
  });

  test('the API is not asked on, and no page is rendered, once the browser has gone', async () => {
    let signal: AbortSignal | undefined;
    held = (request) => {
      signal = request.signal;
    };
    const lines = system.logged.length;
    const cookie = [...alice.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
    const visit = httpRequest(`${url}/todos`, { headers: { cookie, accept: 'text/html' } }).on('error', () => {});
    visit.end();
    await until(() => signal?.aborted === false);
    visit.destroy();
    await until(() => signal?.aborted === true);
    await until(() => system.logged.length > lines);
    expect(system.logged.slice(lines).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ message: 'request', path: '/todos', status: 0 }),
    ]);
  });

  test('has at most 20 pages of a session under way, while others and sign-out are served', async () => {
    let waiting = 0;
    held = () => {
      waiting += 1;
    };
    const visits = Array.from({ length: 20 }, () => {
      const cookie = [...alice.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
      const visit = httpRequest(`${url}/todos`, { headers: { cookie, accept: 'text/html' } }).on('error', () => {});
      visit.end();
      return visit;
    });
    await until(() => waiting === 20);
    const refused = await alice.goto(`${url}/todos`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(alice.text()).toContain('loading at once');
    expect((await alice.goto(`${url}/auth/signout`)).status).toBe(200);
    held = undefined;
    const bob = await system.signedIn('bob@example.com');
    expect((await bob.goto(`${url}/todos`)).status).toBe(200);
    for (const visit of visits) visit.destroy();
    await until(async () => (await alice.goto(`${url}/todos`)).status === 200);
  });

  test('renews a token that the API refuses, and retries once', async () => {
    answers = [status(401)];
    const before = system.asked.length;
    expect((await alice.goto(`${url}/todos`)).status).toBe(200);
    expect(calls).toEqual(['GET /api/todolist', 'GET /api/todolist']);
    expect(system.asked.slice(before).filter((asked) => asked.endsWith('/token'))).toHaveLength(1);
  });

  test('asks to sign in when the API also refuses the renewed token, and shows the text', async () => {
    answers = [status(401), status(401)];
    const page = await alice.submit('Add', { description: 'Still here' });
    expect([page.status, calls.length]).toEqual([401, 2]);
    expect(alice.text()).toContain('Still here');
  });

  test('does not ask to sign in when a permission is missing', async () => {
    answers = [status(403)];
    const page = await alice.submit('Add', { description: 'Not allowed' });
    expect([page.status, calls.length]).toEqual([403, 1]);
    expect(alice.text()).toContain('Not allowed');
  });

  test("A-88 does not find another customer's to-do, which stays unchanged", async () => {
    await alice.submit('Add', { description: 'Of Alice' });
    const id = idOf('Of Alice');
    const bob = await system.signedIn('bob@example.com');
    await bob.goto(`${url}/todos`);
    const { _csrf = '' } = bob.form('Add').fields;
    const send = (path: string, fields = {}) =>
      bob.goto(url + path, { method: 'POST', body: new URLSearchParams({ _csrf, ...fields }) });
    expect((await send(`/todos/${id}`, { description: 'Of Bob' })).status).toBe(404);
    expect([textIn(bob, 'Add'), shown(bob)]).toEqual(['Of Bob', []]);
    expect((await send(`/todos/${id}/delete`)).status).toBe(404);
    await alice.goto(`${url}/todos`);
    expect(shown(alice)).toEqual(['Of Alice']);
    await alice.submit('Remove Of Alice');
  });

  const numbers = ['0', '-1', '1e3', '0x1', '01', '1.0', '9007199254740993', '9'.repeat(400), '%EF%BC%91', guid];
  test.each([...numbers, '..', '../x', '..%2fx', '..%2f..', '%00', '%2e%2e', '1%20', '1%2fdelete', '1;x'])(
    'A-88 has no page for the id %s, and does not call the API',
    async (id) => {
      const body = new URLSearchParams({ ...alice.form('Add').fields, description: 'x' });
      for (const target of [`/todos/${id}`, `/todos/${id}/delete`]) {
        const answer = await alice.fetch(url, { method: 'POST', body, target });
        expect([target, answer.status]).toEqual([target, 404]);
        expect(await answer.text()).toContain('Page not found');
      }
      expect(calls).toEqual([]);
    },
  );

  test.each(['/todos/%zz', '/todos/%/delete', '/todos/%c3%28/delete'])(
    'A-88 refuses the malformed path %s',
    async (target) => {
      const answer = await alice.fetch(url, { method: 'POST', target, body: new URLSearchParams() });
      expect([answer.status, calls]).toEqual([400, []]);
    },
  );

  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '{{7*7}} <%= 1 %>',
    'javascript:alert(1)',
    "' autofocus onfocus='alert(1)",
  ])('A-81 stores and shows %s exactly as written', async (text) => {
    await alice.submit('Add', { description: text });
    expect(alice.text()).toContain(text);
    expect(textIn(alice, 'Save')).toBe(text);
    expect(alice.page.html).not.toMatch(/<script|<img src=x|<%=|href="javascript:|' autofocus/);
    await alice.submit(`Remove ${text}`);
    await alice.submit('Add', { description: `${text}\u0000` });
    expect(alice.page.html).not.toMatch(/<script|<img src=x|<%=|href="javascript:|' autofocus/);
  });
});
