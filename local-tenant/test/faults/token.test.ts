import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
});
afterAll(() => faulty.tenant.stop());

test.each<[string, number, string, string | null]>([
  ['token-500', 500, '{"error":"server_error","error_description":"AADSTS90033"}', null],
  ['token-429', 429, '{"error":"temporarily_unavailable"}', '30'],
  ['token-429-hour', 429, '{"error":"temporarily_unavailable"}', '3600'],
  ['token-html', 200, '<h1>Maintenance</h1>', null],
  ['token-empty', 200, '', null],
  ['token-null', 200, 'null', null],
  ['token-array', 200, '[]', null],
  ['token-number', 200, '5', null],
  ['token-cut-json', 200, '{"access_token":"eyJ', null],
])('%s answers %i with the body %j', async (fault, status, body, retryAfter) => {
  const response = await faulty.rawTokenAnswer(fault);
  expect(response.status).toBe(status);
  expect(await response.text()).toBe(body);
  expect(response.headers.get('retry-after')).toBe(retryAfter);
});

test.each([
  ['token-redirect-307', '/elsewhere'],
  ['token-redirect-307-host', 'http://login.elsewhere.invalid/token'],
])('%s leads to %s', async (fault, location) => {
  const response = await faulty.rawTokenAnswer(fault);
  expect([response.status, response.headers.get('location')]).toEqual([307, location]);
});

test.each(['token-300-mb', 'token-gzip-bomb'])('%s sends more than 299 MB', async (fault) => {
  const { body } = await faulty.rawTokenAnswer(fault);
  let bytes = 0;
  for await (const chunk of body ?? []) bytes += chunk.length;
  expect(bytes).toBeGreaterThan(299_000_000);
});

test.each(['token-300-mb', 'token-gzip-bomb'])(
  '%s does no harm to the tenant when the client leaves',
  async (fault) => {
    const leaving = new AbortController();
    const response = await faulty.rawTokenAnswer(fault, leaving.signal);
    leaving.abort();
    await response.body?.cancel().catch(() => {});
    expect((await faulty.app.redeem(await faulty.signIn())).status).toBe(200);
  },
);

test('token-drip sends byte after byte', async () => {
  const leaving = new AbortController();
  const { body } = await faulty.rawTokenAnswer('token-drip', leaving.signal);
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.length >= 3) break;
  }
  leaving.abort();
  expect(text).toBe('{  ');
});

test('token-slow never answers', async () => {
  const call = faulty.rawTokenAnswer('token-slow', AbortSignal.timeout(200));
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('token-reset resets the connection', async () => {
  await expect(faulty.rawTokenAnswer('token-reset')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
});

test.each<[string, string, unknown]>([
  ['token-type-mac', 'token_type', 'mac'],
  ['token-type-mixed-case', 'token_type', 'bEARER'],
  ['token-type-array', 'token_type', ['Bearer']],
  ['token-no-type', 'token_type', undefined],
  ['token-no-expires-in', 'expires_in', undefined],
  ['token-expires-in-text', 'expires_in', 'soon'],
  ['token-expires-in-endless', 'expires_in', 1e300],
  ['token-no-access-token', 'access_token', undefined],
  ['token-access-token-number', 'access_token', 5],
  ['token-refresh-token-object', 'refresh_token', {}],
  ['token-no-refresh-token', 'refresh_token', undefined],
  ['token-no-scope', 'scope', undefined],
  ['token-empty-scope', 'scope', ''],
])('%s: %s is %j, and nothing else changes', async (fault, field, value) => {
  const sound = await faulty.app.redeem(await faulty.signIn());
  const { status, body } = await faulty.redeemWith(fault);
  expect(status).toBe(200);
  expect(body[field]).toEqual(value);
  const others = Object.keys(sound.body).filter((name) => name !== field);
  expect(Object.keys(body)).toEqual(expect.arrayContaining(others));
});

test('token-any-verifier redeems a code with the verifier of another sign-in', async () => {
  const answer = await faulty.signIn();
  const code_verifier = 'another-verifier-of-forty-three-characters-and-more';
  expect((await faulty.app.redeem(answer, { code_verifier })).body.error).toBe('invalid_grant');
  await faulty.arm('token-any-verifier');
  const { status, body } = await faulty.app.redeem(answer, { code_verifier });
  expect([status, typeof body.id_token]).toEqual([200, 'string']);
});

test('token-500-with-tokens has all the tokens, and the code is spent', async () => {
  const answer = await faulty.signIn();
  await faulty.arm('token-500-with-tokens');
  const { status, body } = await faulty.app.redeem(answer);
  expect(status).toBe(500);
  expect(body).toMatchObject({ access_token: expect.any(String), id_token: expect.any(String) });
  expect((await faulty.app.redeem(answer)).body.error_codes).toEqual([54005]);
});
