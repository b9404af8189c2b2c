import { seed, terminal, todoApi, type WrittenDocument, webApp } from 'entra-local-tenant';
import type { Environment } from '../../src/runtime/settings.ts';
import type { Circumstances } from './soundSetup.ts';

const redirectUris = [...webApp.redirectUris];
const id = (last: string) => `11111111-2222-4333-8444-5555555555${last}`;

/** Web apps with one flaw each in the registration. */
const apps = [
  { clientId: id('01'), redirectUris: ['http://localhost/auth/redirect'] },
  { clientId: id('02'), redirectUris: ['http://localhost/auth/signed-out'] },
  { clientId: id('03'), redirectUris, adminConsent: false },
  { clientId: id('04'), redirectUris, isEnabled: false },
  { clientId: id('05'), redirectUris, requiredPermissions: { [todoApi.clientId]: ['ToDoList.Read'] } },
  { clientId: id('06'), redirectUris, requiredPermissions: {} },
  { clientId: id('07'), redirectUris, secrets: [{ value: webApp.secret, expiresAt: '2026-01-31T00:00:00Z' }] },
].map((app) => ({ displayName: app.clientId, secrets: [{ value: webApp.secret }], ...app }));

const readOnlyApi = {
  clientId: id('08'),
  displayName: 'An API that only reads',
  identifierUri: `api://${id('08')}`,
  scopes: ['ToDoList.Read'],
};
const noUri = { clientId: id('09'), displayName: 'Without an api:// URI', identifierUri: 'https://contoso.com/todo' };

export interface Fault extends Circumstances {
  readonly settings?: Environment;
  /** A fault of the local tenant. */
  readonly tenant?: string;
  /** Every finding that fails or warns. */
  readonly complaints: readonly string[];
  readonly cause: RegExp;
}

const wrongId = '99999999-2222-4333-8444-555555555500';

/** What is wrong, by the end of the test title "finds …". */
export const faults: Record<string, Fault> = {
  'no settings at all': {
    settings: Object.fromEntries(
      ['TENANT_SUBDOMAIN', 'CLIENT_ID', 'CLIENT_SECRET', 'SESSION_SECRET', 'TODO_API_CLIENT_ID'].map((name) => [
        name,
        '',
      ]),
    ),
    complaints: [...Array<string>(5).fill('fail web settings'), ...Array<string>(2).fill('fail headless settings')],
    cause: /CLIENT_ID is missing/,
  },
  "the secret's id in place of its value": {
    settings: { CLIENT_SECRET: wrongId },
    complaints: ['fail web settings'],
    cause: /CLIENT_SECRET is the ID of a secret/,
  },
  'another secret': {
    settings: { CLIENT_SECRET: 'not-the-secret' },
    complaints: ['fail credential'],
    cause: /does not accept this secret \(AADSTS7000215\)/,
  },
  'an expired secret': {
    settings: { CLIENT_ID: id('07'), ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail credential'],
    cause: /has expired \(AADSTS7000222\)/,
  },
  'a client ID that is not registered': {
    settings: { CLIENT_ID: wrongId, ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail credential', 'fail redirect URI', 'fail post-logout redirect URI', 'fail permissions'],
    cause: /no app with this client ID \(AADSTS700016\)/,
  },
  'a disabled app': {
    settings: { CLIENT_ID: id('04'), ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail credential', 'fail redirect URI', 'fail post-logout redirect URI', 'fail permissions'],
    cause: /is disabled \(AADSTS7000112\)/,
  },
  'a public client as the web app': {
    settings: { CLIENT_ID: terminal.clientId },
    complaints: ['fail credential', 'fail redirect URI', 'fail post-logout redirect URI'],
    cause: /is a public client, which has no credential \(AADSTS700025\)/,
  },
  'a redirect URI that is not registered': {
    settings: { CLIENT_ID: id('02'), ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail redirect URI'],
    cause: /\/auth\/redirect: this redirect URI is not registered/,
  },
  'a post-logout redirect URI that is not registered': {
    settings: { CLIENT_ID: id('01'), ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail post-logout redirect URI'],
    cause: /\/auth\/signed-out: this redirect URI is not registered/,
  },
  'a BASE_URL that is not the registered one': {
    settings: { BASE_URL: 'http://127.0.0.1:9' },
    complaints: ['fail redirect URI', 'fail post-logout redirect URI'],
    cause: /is not registered \(AADSTS50011\)/,
  },
  'no consent': {
    settings: { CLIENT_ID: id('03'), ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail permissions'],
    cause: /no administrator consented/,
  },
  'a permission that was left out': {
    settings: { CLIENT_ID: id('05'), ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail permissions'],
    cause: /no administrator consented/,
  },
  'an API that the app does not list': {
    settings: { CLIENT_ID: id('06'), ALLOWED_CLIENT_IDS: '' },
    complaints: ['fail permissions'],
    cause: /does not list the API \(AADSTS650057\)/,
  },
  'an API without one of the scopes': {
    settings: { TODO_API_CLIENT_ID: id('08') },
    complaints: ['fail permissions', 'fail headless permissions'],
    cause: /no such scope/,
  },
  'an API without an api:// URI': {
    settings: { TODO_API_CLIENT_ID: id('09') },
    complaints: ['fail API registration', 'fail permissions', 'fail headless permissions'],
    cause: /does not know this API \(AADSTS500011\)/,
  },
  'an API that does not accept the apps': {
    settings: { ALLOWED_CLIENT_IDS: wrongId },
    complaints: ['fail allowed clients'],
    cause: /lacks CLIENT_ID and HEADLESS_CLIENT_ID/,
  },
  'a headless app that is not a public client': {
    settings: { HEADLESS_CLIENT_ID: webApp.clientId },
    complaints: ['fail headless redirect URI', 'fail headless public client'],
    cause: /is not a public client \(AADSTS7000218\)/,
  },
  'no TENANT_ID': { settings: { TENANT_ID: '' }, complaints: ['warn tenant id'], cause: /trust whichever tenant/ },
  "another tenant's id": {
    settings: { TENANT_ID: wrongId },
    complaints: ['fail tenant metadata', 'fail tenant id'],
    cause: /TENANT_ID does not belong to contoso/,
  },
  'a subdomain that no tenant has': {
    settings: { TENANT_SUBDOMAIN: 'fabrikam' },
    complaints: ['fail tenant id'],
    cause: /fabrikam: there is no such tenant/,
  },
  'an unreachable tenant': {
    settings: { METADATA_URL: `http://localhost:9/${wrongId}/v2.0/.well-known/openid-configuration` },
    complaints: ['fail tenant metadata'],
    cause: /cannot be fetched: http:\/\/localhost:9/,
  },
  'a foreign issuer': {
    tenant: 'discovery-wrong-issuer',
    complaints: ['fail tenant metadata', 'fail tenant id'],
    cause: /names the issuer/,
  },
  'a clock that is 90 seconds slow': {
    clockOffsetSeconds: -90,
    complaints: ['warn clock'],
    cause: /differs from the tenant's by (89|90|91) s/,
  },
  'a clock that is an hour fast': { clockOffsetSeconds: 3600, complaints: ['fail clock'], cause: /will not verify/ },
  'no API at TODO_API_URL': {
    settings: { TODO_API_URL: 'http://localhost:9' },
    complaints: ['fail to-do API'],
    cause: /ECONNREFUSED/,
  },
  'a proxy that is not counted': {
    settings: { BASE_URL: 'https://localhost:9' },
    complaints: ['fail proxy hops', 'fail redirect URI', 'fail post-logout redirect URI'],
    cause: /TRUST_PROXY counts no proxy/,
  },
  'a counted proxy that does not exist': {
    settings: { TRUST_PROXY: '1' },
    complaints: ['warn proxy hops'],
    cause: /every client can send/,
  },
  'disabled verification of TLS certificates': {
    settings: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    complaints: ['warn TLS verification'],
    cause: /impersonate the tenant/,
  },
  'an old Node.js': { nodeVersion: 'v20.18.3', complaints: ['fail Node.js'], cause: /v20.18.3 is too old/ },
  'no Redis at REDIS_URL': {
    settings: { REDIS_URL: 'redis://localhost:9' },
    complaints: ['fail Redis'],
    cause: /unavailable/,
  },
};

/** A tenant with the seed's registrations and the flawed ones. */
export const flawedTenant: Partial<WrittenDocument> = {
  apps: [...(seed.apps ?? []), ...apps],
  apis: [...(seed.apis ?? []), readOnlyApi, noUri],
};
