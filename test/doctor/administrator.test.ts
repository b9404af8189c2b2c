import { describe, expect, test } from 'vitest';
import {
  consented,
  type DirectoryContents,
  grantOf,
  graphOf,
  ids,
  soundApplications,
  soundDirectory,
} from './directoryDouble.ts';
import { findingsOf } from './soundSetup.ts';

const settings = {
  TENANT_SUBDOMAIN: 'contoso',
  TENANT_ID: ids.tenant,
  METADATA_URL: 'http://localhost:9/',
  CLIENT_ID: ids.web,
  CLIENT_SECRET: 'secret-of-the-web-app',
  SESSION_SECRET: 'a-secret-of-the-tests-that-is-long-enough',
  TODO_API_CLIENT_ID: ids.api,
  HEADLESS_CLIENT_ID: ids.headless,
};

/** The checks that need an administrator. The others find no tenant here. */
const names = [
  'administrator',
  'tenant type',
  'registered addresses',
  'secret expiry',
  'consent',
  'user flow',
  'API scopes',
  'API URI',
  'API token version',
  'headless registration',
  'headless consent',
  'headless user flow',
];

async function seenBy(contents: DirectoryContents, changes: Readonly<Record<string, string>> = {}) {
  const findings = await findingsOf({ ...settings, ...changes }, { graph: graphOf(contents) });
  return findings.filter(({ name }) => names.includes(name));
}

const withApp = (id: string, application: object): DirectoryContents => ({
  ...soundDirectory,
  applications: { ...soundDirectory.applications, [id]: application },
});
const withoutApp = (id: string): DirectoryContents => ({
  ...soundDirectory,
  applications: Object.fromEntries(Object.entries(soundDirectory.applications).filter(([key]) => key !== id)),
});
const withoutPrincipal = (id: string): DirectoryContents => ({
  ...soundDirectory,
  principals: soundDirectory.principals.filter((other) => other !== id),
});
const withGrants = (...grants: object[]): DirectoryContents => ({
  ...soundDirectory,
  grants: { ...soundDirectory.grants, [ids.web]: grants },
});
const secretUntil = (endDateTime: string) =>
  withApp(ids.web, { ...soundApplications.web, passwordCredentials: [{ keyId: 'new', hint: 'sec', endDateTime }] });
const apiWith = (changes: object) =>
  withApp(ids.api, { ...soundApplications.api, api: { ...soundApplications.api.api, ...changes } });
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const faults: [string, DirectoryContents, string[], RegExp][] = [
  [
    'an administrator of another tenant',
    { ...soundDirectory, organization: { id: ids.web } },
    ['fail administrator'],
    /not 7c1f5d3a/,
  ],
  [
    'a tenant for employees',
    { ...soundDirectory, organization: { id: ids.tenant, tenantType: 'AAD' } },
    ['fail tenant type'],
    /customers cannot sign up/,
  ],
  ['a missing web app', withoutApp(ids.web), ['fail registered addresses'], /no registration with the id in CLIENT_ID/],
  [
    'a redirect URI in another case',
    withApp(ids.web, {
      ...soundApplications.web,
      web: { redirectUris: ['http://localhost:3000/auth/Redirect', 'http://localhost:3000/auth/signed-out'] },
    }),
    ['fail registered addresses'],
    /localhost:3000\/auth\/redirect: not registered/,
  ],
  [
    'redirect URIs of a single-page app',
    withApp(ids.web, { ...soundApplications.web, web: null, spa: soundApplications.web.web }),
    ['fail registered addresses'],
    /platform other than Web/,
  ],
  ['a secret that has expired', secretUntil('2020-01-01T00:00:00Z'), ['fail secret expiry'], /expired on 2020-01-01/],
  ['a secret that expires soon', secretUntil(inDays(20)), ['warn secret expiry'], /expires on 20/],
  [
    'a secret of another app',
    withApp(ids.web, {
      ...soundApplications.web,
      passwordCredentials: [{ keyId: 'other', hint: 'oth', endDateTime: inDays(99) }],
    }),
    ['fail secret expiry'],
    /no secret of the registration starts like/,
  ],
  ['no consent', withGrants(), ['fail consent'], /ToDoList.Read, ToDoList.ReadWrite, openid, offline_access/],
  [
    'consent without one permission',
    withGrants(consented[0] ?? {}, grantOf(ids.api, 'ToDoList.ReadWrite')),
    ['fail consent'],
    /missing for ToDoList.Read$/,
  ],
  [
    'consent for one person',
    withGrants(consented[0] ?? {}, grantOf(ids.api, 'ToDoList.Read ToDoList.ReadWrite', 'Principal')),
    ['fail consent'],
    /missing for ToDoList.Read, ToDoList.ReadWrite$/,
  ],
  ['a web app without a service principal', withoutPrincipal(ids.web), ['fail consent'], /no service principal/],
  [
    'a web app in no user flow',
    { ...soundDirectory, flows: { [ids.headless]: ['Sign up and in'] } },
    ['fail user flow'],
    /customers cannot sign up/,
  ],
  ['a missing API', withoutApp(ids.api), ['fail API scopes'], /no registration/],
  [
    'a scope that is disabled',
    apiWith({
      oauth2PermissionScopes: [
        { id: '1', value: 'ToDoList.Read', isEnabled: false },
        { id: '2', value: 'ToDoList.ReadWrite', isEnabled: true },
      ],
    }),
    ['fail API scopes'],
    /ToDoList.Read: missing or disabled/,
  ],
  ['tokens of version 1', apiWith({ requestedAccessTokenVersion: null }), ['fail API token version'], /version 1/],
  [
    'an API without its URI',
    withApp(ids.api, { ...soundApplications.api, identifierUris: [] }),
    ['fail API URI'],
    /api:\/\/.* is not set/,
  ],
  [
    'a headless app that is not public',
    withApp(ids.headless, { ...soundApplications.headless, isFallbackPublicClient: null }),
    ['fail headless registration'],
    /not a public client/,
  ],
  [
    'a headless app without http://localhost',
    withApp(ids.headless, { isFallbackPublicClient: true }),
    ['warn headless registration'],
    /sign-in by browser is refused/,
  ],
];

describe('the doctor with an administrator', () => {
  test('finds nothing wrong and leaves nothing unchecked in a correctly registered tenant', async () => {
    const findings = await seenBy(soundDirectory);
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(findings.map(({ name }) => name).sort()).toEqual(names.filter((name) => name !== 'administrator').sort());
  });

  test.each(faults)('finds %s', async (_name, contents, complaints, cause) => {
    const wrong = (await seenBy(contents)).filter(({ status }) => status !== 'ok');
    expect(wrong.map(({ status, name }) => `${status} ${name}`)).toEqual(complaints);
    expect(wrong[0]?.cause).toMatch(cause);
    expect(wrong[0]?.fix).not.toBe('');
    expect(JSON.stringify(wrong)).not.toContain(settings.CLIENT_SECRET);
  });

  test('leaves user flows unchecked for an administrator who may not read them, and checks the rest', async () => {
    const findings = await seenBy({ ...soundDirectory, flows: 'refused' });
    const rest = findings.filter(({ status }) => status !== 'ok').map(({ status, name }) => `${status} ${name}`);
    expect(rest).toEqual(['unchecked user flow', 'unchecked headless user flow']);
  });

  test('does not wait for a directory that never answers', async () => {
    const never = () => new Promise<never>(() => {});
    const findings = await findingsOf(settings, { graph: { find: never, list: never }, longestCheckMs: 100 });
    expect(findings.find(({ name }) => name === 'administrator')?.cause).toBe('no answer within 0.1 s');
  });

  test('reports the answer of a directory that refuses', async () => {
    const findings = await seenBy({ ...soundDirectory, organization: undefined });
    expect(findings.map(({ status, name, cause }) => [status, name, cause])).toEqual([
      ['fail', 'administrator', expect.stringMatching(/403 Refused: No\./)],
    ]);
  });

  test('ignores the port of http://localhost, but not of other origins', async () => {
    const addresses = (findings: Awaited<ReturnType<typeof seenBy>>) =>
      findings.find(({ name }) => name === 'registered addresses')?.status;
    expect(addresses(await seenBy(soundDirectory, { BASE_URL: 'http://localhost:4000' }))).toBe('ok');
    expect(addresses(await seenBy(soundDirectory, { BASE_URL: 'https://localhost:3000' }))).toBe('fail');
  });
});
