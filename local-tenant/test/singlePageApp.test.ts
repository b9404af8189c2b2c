import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openFrameCookieWindow, type Window } from '../../test/support/chromium.ts';
import { freePort } from '../../test/support/freePort.ts';
import { createApp } from '../src/app.ts';
import { readTenantConfig } from '../src/config.ts';
import { createLogger } from '../src/runtime/logger.ts';
import { todoApi } from '../src/seed/apps.ts';
import { seed } from '../src/seed/seed.ts';
import { createTenant } from '../src/state/createTenant.ts';
import type { Tenant } from '../src/state/tenant.ts';
import { serveWithTls, type TlsServer } from '../src/tls.ts';

/*
 * Microsoft's MSAL for browsers, unchanged, in Chromium. The app is at http://127.0.0.1 and the tenant at
 * https://localhost, so that for the browser they are different sites, as they are with Entra.
 */

const clientId = '5d4c3b2a-1f0e-4d9c-8b7a-000000000021';
const library = join(dirname(createRequire(import.meta.url).resolve('@azure/msal-browser/package.json')), 'lib');
const scopes = [`${todoApi.identifierUri}/ToDoList.Read`];
const email = 'alice@example.com';

let tenant: Tenant;
let tls: TlsServer;
let app: Server;
let appUrl: string;
let tenantUrl: string;
beforeAll(async () => {
  const [tenantPort, appPort] = [await freePort(), await freePort()];
  appUrl = `http://127.0.0.1:${appPort}`;
  tenantUrl = `https://localhost:${tenantPort}`;
  const spaRedirectUris = [`${appUrl}/redirect`, `${appUrl}/signed-out`];
  const document = { ...seed, apps: [{ clientId, displayName: 'Page', spaRedirectUris }] };
  const config = readTenantConfig({ PORT: String(tenantPort), TENANT_TLS: '1' });
  tenant = await createTenant(
    config,
    createLogger(() => {}),
    document,
  );
  tls = await serveWithTls(createApp(tenant), tenantPort, tenant);
  app = await serveApp(appPort);
});
afterAll(async () => {
  app.close();
  await tls.stop();
});

let window: Window;
let page: Page;
beforeEach(async () => {
  window = await openFrameCookieWindow({ ignoreHTTPSErrors: true });
  page = window.page;
  await page.goto(appUrl);
});
afterEach(() => window.context.close());

/** The app's page and the page to which the tenant redirects, which MSAL 5 needs for its frames. */
async function serveApp(port: number): Promise<Server> {
  const read = (file: string) => readFile(join(library, file), 'utf8');
  const { tenantId } = tenant.config;
  const settings = {
    auth: {
      clientId,
      authority: `${tenantUrl}/${tenantId}`,
      knownAuthorities: [new URL(tenantUrl).host],
      redirectUri: `${appUrl}/redirect`,
      postLogoutRedirectUri: `${appUrl}/signed-out`,
    },
    cache: { cacheLocation: 'sessionStorage' },
  };
  const start = `globalThis.ready = msal.createStandardPublicClientApplication(${JSON.stringify(settings)})
    .then(async (app) => { await app.handleRedirectPromise(); return app; });`;
  const pageOf = (script: string) =>
    `<!doctype html><title>Page</title><link rel="icon" href="data:,"><script>${script}</script>`;
  const pages: Readonly<Record<string, string>> = {
    '/': pageOf(`${await read('msal-browser.min.js')};${start}`),
    '/redirect': pageOf(
      `${await read('redirect-bridge/msal-redirect-bridge.min.js')};msalRedirectBridge.broadcastResponseToMainFrame()`,
    ),
  };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(pages[new URL(request.url ?? '/', appUrl).pathname] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

/** Calls a method of MSAL's in the page. @returns what a test looks at, or the error's code */
function call(method: string, request: object): Promise<unknown> {
  const script = `ready.then((app) => app.${method}({ ...${JSON.stringify(request)}, account: app.getAllAccounts()[0] }))
    .then(({ account, fromCache, scopes }) => ({ username: account.username, fromCache, scopes }), (error) => error.errorCode)`;
  return page.evaluate(script);
}

async function signIn(): Promise<void> {
  await page.evaluate(`void ready.then((app) => app.loginRedirect(${JSON.stringify({ scopes })}))`);
  await page.getByLabel('Email address').fill(email);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Password').fill('Local-Tenant-1!');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForFunction('ready.then((app) => app.getAllAccounts().length === 1)');
}

// MSAL's own frame causes this warning.
const faults = () => window.faults.filter((fault) => !fault.includes('can escape its sandboxing'));

const accounts = () => page.evaluate('ready.then((app) => app.getAllAccounts().map(({ username }) => username))');

test('@azure/msal-browser signs in, renews with its refresh token, and signs out', async () => {
  await signIn();
  expect(await accounts()).toEqual([email]);
  expect(await call('acquireTokenSilent', { scopes })).toMatchObject({ username: email, fromCache: true });
  expect(await call('acquireTokenSilent', { scopes, forceRefresh: true })).toMatchObject({
    fromCache: false,
    scopes: expect.arrayContaining(scopes),
  });
  expect(tenant.tokenAnswers.get('refresh_token')).toBe(1);
  await page.evaluate('void ready.then((app) => app.logoutRedirect({ account: app.getAllAccounts()[0] }))');
  await page.waitForURL(`${appUrl}/signed-out?state=*`);
  await page.goto(appUrl);
  expect(await accounts()).toEqual([]);
  expect(await call('ssoSilent', { scopes, loginHint: email })).toBe('login_required');
  expect(faults()).toEqual([]);
});

test('a page that knows nobody signs in silently, in a frame, where the tenant has a session', async () => {
  await signIn();
  await page.evaluate('sessionStorage.clear()');
  await page.reload();
  expect(await accounts()).toEqual([]);
  expect(await call('ssoSilent', { scopes, loginHint: email })).toMatchObject({ username: email });
  expect(faults()).toEqual([]);
});
