import { afterAll, beforeAll, expect, test } from 'vitest';
import { send } from '../../test/support/send.ts';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { daemon, terminal, todoApi, webApp } from '../src/seed/apps.ts';
import { DemoApp, readScope, redirectUri, verifier } from './DemoApp.ts';
import { authorize, deviceAuth, deviceCode, logout, token } from './everyPath.ts';

let tenant: RunningTenant;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.stop());

const client = { client_id: webApp.clientId, client_secret: webApp.secret };
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const { searchParams } = new DemoApp({ origin: 'http://localhost', tenantId: 'any' }).authorizeUrl();

/** Valid requests, except for their codes, tokens and accounts. */
const sound: readonly [string, string, Readonly<Record<string, string>>][] = [
  [
    'a code',
    token,
    { ...client, grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri, code_verifier: verifier },
  ],
  [
    'a refresh token',
    token,
    { ...client, grant_type: 'refresh_token', refresh_token: 'x', scope: readScope, claims: '{}' },
  ],
  [
    'an app-only request',
    token,
    {
      client_id: daemon.clientId,
      client_secret: daemon.secret,
      ...{ grant_type: 'client_credentials', scope: `${todoApi.identifierUri}/.default` },
    },
  ],
  [
    'an assertion',
    token,
    {
      ...{ grant_type: 'client_credentials', client_id: daemon.clientId, scope: `${todoApi.identifierUri}/.default` },
      client_assertion: 'e30.e30.e30',
      client_assertion_type: assertionType,
    },
  ],
  ['a poll', token, { grant_type: 'device_code', client_id: terminal.clientId, device_code: 'x' }],
  ['a device', deviceCode, { client_id: terminal.clientId, scope: readScope }],
  ['a user code', deviceAuth, { user_code: 'BCDFGHJKL' }],
  [
    'a sign-out',
    logout,
    {
      post_logout_redirect_uri: redirectUri,
      logout_hint: 'O.eA',
      id_token_hint: 'x',
      state: 'x',
      sid: 'x',
    },
  ],
  [
    'a sign-in',
    authorize,
    {
      ...Object.fromEntries(searchParams),
      prompt: 'login',
      login_hint: 'O.eA',
      domain_hint: 'google.com',
      ui_locales: 'de',
      mkt: 'de',
      max_age: '1',
      ...{ claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}', response_mode: 'form_post' },
      client_info: '1',
      'client-request-id': 'x',
      fault: 'token-500',
    },
  ],
];

const long = 'a'.repeat(50_000);
const spoilt: readonly [string, (name: string, value: string) => string][] = [
  ['missing', () => ''],
  ['empty', (name) => `${name}=`],
  ['there twice', (name, value) => `${name}=${value}&${name}=${value}`],
  ['a list', (name) => `${name}[]=a&${name}[]=b`],
  ['an object', (name) => `${name}[__proto__]=a&${name}[length]=-1`],
  ['long', (name) => `${name}=${long}`],
  ['a NUL byte', (name, value) => `${name}=${value}%00`],
  ['invalid UTF-8', (name) => `${name}=%ff%c3%28`],
  ['half a surrogate pair', (name) => `${name}=%ed%a0%80`],
  ['a line break', (name) => `${name}=%0d%0aSet-Cookie:%20x=y`],
  ['a broken percent sign', (name) => `${name}=%zz%`],
  ['a number', (name) => `${name}=-1e999`],
  ['JSON', (name) => `${name}={"access_token":{"acrs":[null]},"id_token":7}`],
  ['broken JSON', (name) => `${name}={"a":`],
  ['the name of what every object has', (name) => `${name}=constructor`],
];

/** Every parameter in turn is spoilt, the others stay. */
function requestsOf(fields: Readonly<Record<string, string>>, spoil: (name: string, value: string) => string) {
  return Object.entries(fields).map(([name, value]) => {
    const { [name]: _spoilt, ...others } = fields;
    return { name, body: `${new URLSearchParams(others)}&${spoil(name, encodeURIComponent(value))}` };
  });
}

const headers = { 'content-type': 'application/x-www-form-urlencoded' };

test.each(sound)(
  '%s is answered below 500 and without a stack, whatever is in its parameters',
  async (_name, path, fields) => {
    const bad: string[] = [];
    for (const [what, spoil] of spoilt) {
      await Promise.all(
        requestsOf(fields, spoil).map(async ({ name, body }) => {
          const response = await send(tenant.origin + path, { method: 'POST', body, headers });
          const isBad = response.status >= 500 || /\n\s+at |node_modules/.test(await response.text());
          if (isBad || response.headers.get('set-cookie')?.includes('x=y'))
            bad.push(`${response.status}: ${name} is ${what}`);
        }),
      );
    }
    expect(bad).toEqual([]);
    expect(tenant.logged.filter((line) => line.includes('failed'))).toEqual([]);
  },
);
