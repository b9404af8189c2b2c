// A page with Microsoft's MSAL for browsers, in Chromium: sign-in, renewal with its refresh token, sign-out.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { openChromium, signIn } from './chromium.mjs';

const { AUTHORITY, API } = process.env;
const library = './node_modules/@azure/msal-browser/lib/msal-browser.min.js';
const server = createServer((_request, response) => {
  const settings = {
    auth: {
      clientId: '5d4c3b2a-1f0e-4d9c-8b7a-000000000032',
      authority: AUTHORITY,
      redirectUri: `${origin}/redirect`,
      postLogoutRedirectUri: `${origin}/signed-out`,
    },
  };
  const start = `globalThis.ready = msal.createStandardPublicClientApplication(${JSON.stringify(settings)})
    .then(async (app) => { await app.handleRedirectPromise(); return app; });`;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>Page</title><script>${readFileSync(library, 'utf8')};${start}</script>`);
}).listen(0);
const origin = `http://localhost:${server.address().port}`;
const request = JSON.stringify({ scopes: [`${API}/ToDoList.Read`] });

const page = await openChromium();
await page.goto(origin);
await page.evaluate(`void ready.then((app) => app.loginRedirect(${request}))`);
await signIn(page);
await page.waitForFunction('ready.then((app) => app.getAllAccounts().length === 1)');
console.log(`signed in: ${await page.evaluate('ready.then((app) => app.getAllAccounts()[0].username)')}`);
const renewed = await page.evaluate(`ready.then((app) => app.acquireTokenSilent({
  ...${request}, forceRefresh: true, account: app.getAllAccounts()[0] })).then(({ fromCache, scopes }) => ({ fromCache, scopes }))`);
console.log(`renewed: ${renewed.scopes.join(' ')}, from the cache: ${renewed.fromCache}`);
await page.evaluate('void ready.then((app) => app.logoutRedirect({ account: app.getAllAccounts()[0] }))');
await page.waitForURL(`${origin}/signed-out*`);
console.log(`signed out, at ${new URL(page.url()).pathname}`);
await page.context().browser().close();
server.close();
