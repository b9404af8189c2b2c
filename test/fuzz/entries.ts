import fc from 'fast-check';
import { changedObjects, headerTexts, jsonObjects, textChanges, trickyJson } from '../support/arbitraries.ts';
import { Browser } from '../support/Browser.ts';
import type { FuzzRequest } from './fuzz.ts';
import type { FuzzedSystem } from './system.ts';

/** An entry point: the requests and their rate. */
export interface Entry {
  readonly name: string;
  readonly perSecond: number;
  /** The status of a valid request. A run without any has tested only the refusals. */
  readonly accepted: string;
  /** A request, or the steps that prepare one. */
  readonly requests: fc.Arbitrary<FuzzRequest | (() => Promise<FuzzRequest>)>;
}

const visible = fc.stringMatching(/^[\x21-\x22\x24-\x7e]{0,12}$/);
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const asPerson = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

/** All entry points of the programs. */
export function entriesOf(system: FuzzedSystem): readonly Entry[] {
  return [callback(system), cookies(system), apiToken(system), bodies(system)];
}

/** The response of a real sign-in with changed parameters and cookies. */
function callback({ web, alice }: FuzzedSystem): Entry {
  const isAnswer = (url: URL) => url.pathname === '/auth/redirect';
  const parts = fc.oneof(
    fc.constantFrom(
      '&code=x',
      '&state=y',
      '&error=access_denied',
      '&iss=https://evil.example',
      '&code',
      '%',
      '&&',
      '#',
    ),
    visible,
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text)),
    fc.nat(6_000).map((length) => 'x'.repeat(length)),
  );
  const noChange = fc.constant((text: string) => text);
  const changes = fc.tuple(fc.oneof(noChange, textChanges(parts)), fc.oneof(noChange, textChanges(visible)));
  const requests = changes.map(([changeQuery, changeCookie]) => async () => {
    const browser = new Browser();
    for (const [name, cookie] of alice.cookies) if (!/^s(ession|ignin)/.test(name)) browser.cookies.set(name, cookie);
    const { url } = await browser.goto(`${web.url}/auth/signin?returnTo=/todos`, {}, isAnswer);
    const cookie = cookieHeader(browser);
    const path = `/auth/redirect?${changeQuery(url.search.slice(1))}`;
    return { url: web.url, method: 'GET', path, headers: { ...asPerson, cookie: changeCookie(cookie) } };
  });
  return { name: 'callback', accepted: '303', perSecond: 15, requests };
}

/** Pages and forms with changed cookies of a signed-in customer. */
function cookies({ web, alice }: FuzzedSystem): Entry {
  const sound = cookieHeader(alice);
  const headers = fc.oneof(
    { arbitrary: textChanges(fc.oneof(visible, headerTexts(12))).map((change) => change(sound)), weight: 4 },
    headerTexts(200),
    headerTexts(60).map((value) => `session=${value}`),
    fc.array(headerTexts(40), { maxLength: 60 }).map((values) => values.map((v, at) => `signin.${at}=${v}`).join('; ')),
    fc.tuple(fc.constantFrom('session=', 'signin.x=', '; ', '=', '%'), fc.nat(3_000)).map(([t, n]) => t.repeat(n / 3)),
  );
  const targets = fc.constantFrom(
    ...['GET /', 'GET /todos', 'GET /users/id', 'GET /auth/signin?returnTo=/todos', 'GET /auth/signout'],
    ...['GET /auth/redirect?state=x&code=y', 'POST /todos', 'POST /auth/signout', 'GET /nothing', 'HEAD /todos'],
  );
  const requests = fc.tuple(targets, headers).map(([target, cookie]): FuzzRequest => {
    const [method = '', path = ''] = target.split(' ');
    return { url: web.url, method, path, headers: { ...asPerson, ...(method === 'POST' && form), cookie } };
  });
  return { name: 'cookies', accepted: '200', perSecond: 100, requests };
}

/** API calls with a changed or malformed access token. */
function apiToken({ api, accessToken }: FuzzedSystem): Entry {
  const [header = '', payload = '', signature = ''] = accessToken.split('.');
  const read = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString());
  const write = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url');
  const forged = fc
    .tuple(fc.oneof(changedObjects(read(header)), jsonObjects()), fc.oneof(changedObjects(read(payload)), trickyJson))
    .map(([newHeader, newPayload]) => `Bearer ${write(newHeader)}.${write(newPayload)}.${signature}`);
  const oddHeader = changedObjects(read(header)).map((changed) => `Bearer ${write(changed)}.${payload}.${signature}`);
  const authorizations = fc.oneof(
    textChanges(visible).map((change) => change(`Bearer ${accessToken}`)),
    ...[forged, oddHeader, headerTexts(200), fc.constant(`Bearer ${accessToken}`)],
    headerTexts(60).map((token) => `Bearer ${token}`),
    fc.nat(9_000).map((length) => `Bearer ${'a.'.repeat(length / 2)}`),
  );
  const targets = fc.constantFrom(
    'GET /api/todolist',
    'GET /api/todolist/1',
    'POST /api/todolist',
    'PUT /api/todolist/1',
  );
  const requests = fc.tuple(targets, authorizations).map(([target, authorization]): FuzzRequest => {
    const [method = '', path = ''] = target.split(' ');
    const body = method === 'GET' ? {} : { body: Buffer.from('{"description":"x"}') };
    return { url: api.url, method, path, headers: { ...json, authorization }, ...body };
  });
  return { name: 'API token', accepted: '200', perSecond: 100, requests };
}

/** Forms for the web app and JSON for the API from an authorized customer. */
function bodies({ web, api, alice, accessToken }: FuzzedSystem): Entry {
  const { fields } = alice.form('Add');
  const soundForm = String(new URLSearchParams({ ...fields, description: 'Buy milk' }));
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const lengthy = fc.nat(30_000).map((length) => Buffer.from(`description=${'x'.repeat(length)}`));
  const changedForm = textChanges().map((change) => Buffer.from(change(soundForm)));
  const fieldForm = fc
    .record({ description: fc.string({ unit: 'binary', maxLength: 600 }), more: jsonObjects() })
    .map(({ description, more }) => {
      const texts = Object.entries(more).map(([name, value]) => [name, String(JSON.stringify(value))]);
      return Buffer.from(String(new URLSearchParams({ ...fields, ...Object.fromEntries(texts), description })));
    });
  const jsonBody = fc
    .oneof(changedObjects({ description: 'Buy milk', id: 1, owner: 'o' }), jsonObjects(), trickyJson)
    .map((value) => Buffer.from(JSON.stringify(value) ?? ''));
  const changedJson = textChanges().map((change) => Buffer.from(change('{"description":"Buy milk"}')));
  const ids = fc.oneof(fc.constantFrom('1', '0', '-1', '1e3', '%00', '..%2f', '%', '9'.repeat(30)), visible);
  const oddOnes = fc.dictionary(
    fc.constantFrom('content-type', 'content-encoding', 'origin', 'x-request-id'),
    oddHeaders,
  );
  const odd = fc.oneof({ arbitrary: fc.constant({}), weight: 3 }, oddOnes);
  const paths = (base: string, ends: readonly string[]) =>
    fc.oneof(
      fc.constant(base),
      fc.tuple(ids, fc.constantFrom(...ends)).map(([id, end]) => `${base}/${id}${end}`),
    );
  const forms = fc
    .tuple(paths('/todos', ['', '/delete']), fc.oneof(changedForm, fieldForm, bytes, lengthy), odd)
    .map(([path, body, more]): FuzzRequest => {
      const headers = { ...asPerson, cookie: cookieHeader(alice), 'sec-fetch-site': 'same-origin', ...form, ...more };
      return { url: web.url, method: 'POST', path, headers, body };
    });
  const methods = fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH', 'GET');
  const documents = fc
    .tuple(methods, paths('/api/todolist', ['']), fc.oneof(jsonBody, changedJson, bytes, lengthy), odd)
    .map(([method, path, body, more]): FuzzRequest => {
      const headers = { ...json, authorization: `Bearer ${accessToken}`, ...more };
      return { url: api.url, method, path, headers, body };
    });
  return { name: 'bodies', accepted: '303', perSecond: 100, requests: fc.oneof(forms, documents) };
}

const oddHeaders = fc.oneof(
  fc.constantFrom(
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
  ),
  fc.constantFrom('gzip', 'br', 'deflate', 'identity', 'gzip, gzip', 'null', 'https://evil.example'),
  headerTexts(40),
);

function cookieHeader(browser: Browser): string {
  return [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
}
