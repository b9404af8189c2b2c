import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { answerOf } from '../web/callbackSteps.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

/** The authorization request that a link to /auth/signin causes. */
async function askedWith(query: string, headers: Readonly<Record<string, string>> = {}): Promise<URL> {
  const answer = await send(`${system.webUrl}/auth/signin${query}`, { headers });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '');
}

/** The parameters of every sign-in, without those that always differ. */
function lasting({ searchParams }: URL): Record<string, string[]> {
  const ever = ['state', 'nonce', 'code_challenge', 'client-request-id'];
  const names = [...new Set(searchParams.keys())].filter((name) => !ever.includes(name));
  return Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)]));
}

describe('a link to the sign-in page', () => {
  test('A-103 forwards the allowed parameters once and unchanged, and changes nothing else', async () => {
    const chosen = { prompt: 'create', login_hint: 'eve@example.com', domain_hint: 'google.com', ui_locales: 'de-CH' };
    const plain = lasting(await askedWith(''));
    const asked = await askedWith(`?${new URLSearchParams(chosen)}`);
    const forwarded = Object.entries(chosen).map(([name, value]) => [name, [value]]);
    // MSAL repeats the account's hint in the form of a header.
    const { 'X-AnchorMailbox': _anchor, ...others } = lasting(asked);
    expect(others).toEqual({ ...plain, ...Object.fromEntries(forwarded) });
    expect(plain.redirect_uri).toEqual([`${system.webUrl}/auth/redirect`]);
    expect([plain.response_mode, plain.response_type]).toEqual([['query'], ['code']]);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.searchParams.getAll(name)).toHaveLength(1);
  });

  const ofTheApp = {
    client_id: 'evil',
    redirect_uri: 'https://evil.example',
    post_logout_redirect_uri: 'https://evil.example',
    scope: 'evil',
    resource: 'evil',
    audience: 'evil',
    response_mode: 'fragment',
    response_type: 'token',
    grant_type: 'evil',
    state: 'evil',
    nonce: 'evil',
    code_challenge: 'evil',
    code_challenge_method: 'plain',
    code_verifier: 'evil',
    claims: '{"evil":1}',
    acr_values: 'evil',
    max_age: '0',
    id_token_hint: 'evil',
    request: 'evil',
    request_uri: 'https://evil.example',
    authority: 'https://evil.example',
    tenant: 'evil',
    instance_aware: 'true',
    domain_req: 'evil',
    login_req: 'evil',
    account: 'evil',
    extraQueryParameters: 'evil',
    'extraQueryParameters[prompt]': 'none',
    loginHint: 'evil',
    fault: 'token-500',
  };
  test.each(Object.entries(ofTheApp))('A-103 cannot set %s', async (name, value) => {
    const plain = lasting(await askedWith(''));
    for (const query of [{ [name]: value }, { [name.toUpperCase()]: value }, { [`${name}[]`]: value }]) {
      const asked = await askedWith(`?${new URLSearchParams(query)}`);
      expect(lasting(asked)).toEqual(plain);
      expect(asked.href).not.toContain('evil');
    }
  });

  test.each([
    'prompt=none',
    'prompt=consent',
    'prompt=select_account',
    'prompt=Login',
    'prompt=login%20create',
    'prompt=login&prompt=create',
    'prompt[]=login',
    'login_hint=a%26client_id%3Devil&login_hint=b',
    'login_hint=a%0d%0aSet-Cookie:%20evil=1',
    'login_hint=a%20b',
    `login_hint=${'x'.repeat(321)}`,
    'domain_hint=evil%26prompt=none',
    'domain_hint=evil%23',
    'domain_hint[a]=evil',
    'ui_locales=en%26client_id=evil',
    'ui_locales=en%0aevil',
    'ui_locales=../evil',
    'ui_locales=<script>',
    'ui_locales=en&ui_locales=de',
    '__proto__=evil&__proto__[prompt]=login&constructor[prototype][prompt]=login&toString=evil&hasOwnProperty=evil',
  ])('A-89 A-103 A-104 forwards nothing of %s', async (query) => {
    expect(lasting(await askedWith(`?${query}`))).toEqual(lasting(await askedWith('')));
    expect(Object.hasOwn(Object.prototype, 'prompt')).toBe(false);
  });

  test.each([
    ['a&client_id=evil', 'login_hint'],
    ['a#&prompt=none', 'login_hint'],
    ['a%26scope%3Devil', 'login_hint'],
    ['"><script>', 'login_hint'],
  ])('A-103 keeps %s within %s', async (value, name) => {
    const asked = await askedWith(`?${new URLSearchParams({ [name]: value })}`);
    expect(asked.searchParams.getAll(name)).toEqual([value]);
    expect([asked.hash, asked.searchParams.getAll('client_id').length, asked.searchParams.has('prompt')]).toEqual([
      '',
      1,
      false,
    ]);
  });

  test('A-104 reads its query only: cookies and headers have no effect', async () => {
    const headers = {
      cookie: 'prompt=login; login_hint=evil; returnTo=/todos; __proto__=evil; constructor=evil',
      'x-original-url': '/auth/signin?prompt=login&login_hint=evil',
      referer: `${system.webUrl}/auth/signin?prompt=login&login_hint=evil`,
    };
    expect(lasting(await askedWith('', headers))).toEqual(lasting(await askedWith('')));
  });
});

describe('the response from the tenant', () => {
  test.each(['cookie', 'header'])('A-104 is read from its query only, not from a %s', async (place) => {
    const browser = new Browser();
    const url = await answerOf(system.webUrl, browser, 'alice@example.com');
    const { code = '', state = '' } = Object.fromEntries(url.searchParams);
    if (place === 'cookie')
      for (const [name, value] of url.searchParams) browser.cookies.set(name, { value, path: '/' });
    const before = system.asked.length;
    const answer = await browser.fetch(`${system.webUrl}/auth/redirect`, { headers: { code, state } });
    expect([answer.status, system.asked.length - before]).toEqual([400, 0]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    // The sign-in itself is still pending.
    expect((await browser.goto(url)).html).toContain('Hello, Alice');
  });
});
